"""Puts the contracts on a chain: only those that are missing, so it can be run again after any crash."""

from dataclasses import replace

from eth_utils.address import to_checksum_address

from chain_node import abi, artifacts, ethereum
from chain_node.deployment import SALT, Deployment, Finality, predict
from chain_node.errors import NotDeployed, OutOfFunds, WrongChain
from chain_node.ethereum import address_of
from chain_node.keccak import keccak
from chain_node.rpc import Node, to_hex


def deploy(node: Node, key: bytes, *, finality: Finality = Finality("tag"), patience: float = 60) -> Deployment:
    """Deploy what is missing from the hub's own account and return the deployment, ready to be saved.

    The account needs funds, and its very first transaction must be the factory's: it may have sent none before.
    `patience` is how many seconds each transaction may take.
    """
    account = address_of(key)
    planned = predict(node.chain_id(), account, finality=finality)
    for name, at in planned.contracts().items():
        if not node.code(at):
            _make(node, key, planned, name, patience)
        _require_ours(node, planned, name)
    return replace(
        planned,
        genesis_hash=node.genesis_hash(),
        code_hashes={name: keccak(node.code(at)) for name, at in planned.contracts().items()},
        from_block=_first_block_with(node, planned.addresses.factory),
    )


def _make(node: Node, key: bytes, planned: Deployment, name: str, patience: float) -> None:
    account, nonce = planned.deployer, node.next_nonce(planned.deployer)
    creation = planned.creation(name)
    if name == "Factory":
        if nonce != 0:
            raise NotDeployed("the account's first transaction was not the factory's: use a fresh account")
        transaction = {"data": to_hex(creation)}
    else:
        call = abi.call_data("Factory", "deploy", SALT, creation)
        transaction = {"to": to_checksum_address(planned.addresses.factory), "data": to_hex(call)}
    if node.balance(account) == 0:
        raise OutOfFunds(f"account {account.hex()} holds nothing to pay for {name}")
    succeeded = ethereum.transact(node.url, transaction, key, patience=patience)
    if succeeded is None:
        raise NotDeployed(f"{name} is in no block after {patience:.0f} s")
    if not succeeded:
        raise NotDeployed(f"{name} was refused by the chain")


def _require_ours(node: Node, planned: Deployment, name: str) -> None:
    if not artifacts.load(name).is_code(node.code(planned.contracts()[name])):
        raise WrongChain(f"other code than {name}'s stands at its address")


def _first_block_with(node: Node, contract: bytes) -> int:
    """The block that made a contract, found by halving; the newest one when older state is no longer kept."""
    low, high = 0, node.block("latest").number
    while low < high:
        middle = (low + high) // 2
        if node.code(contract, middle):
            high = middle
        else:
            low = middle + 1
    return low
