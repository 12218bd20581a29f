"""The kinds of things that people are told: to whom each matters, and how it goes out where nobody has chosen."""

from dataclasses import dataclass

from hub.access import GRANTS, Permission
from hub.errors import N_
from hub.models.party import Role


@dataclass(frozen=True)
class Kind:
    """A kind of notice: its name to translate, whose work it is, what its button says, and whether it cannot wait."""

    name: str
    permission: Permission
    button: str
    urgent: bool = False
    mail: bool = True

    @property
    def roles(self) -> list[Role]:
        """The roles of those who are told."""
        return [role for role, granted in GRANTS.items() if self.permission in granted]


KINDS: dict[str, Kind] = {
    "order.waiting": Kind(N_("An order waits for an answer"), Permission.ANSWER_ORDERS, N_("Answer")),
    "order.due": Kind(N_("An answer is due in two hours"), Permission.ANSWER_ORDERS, N_("Answer"), urgent=True),
    "order.to-approve": Kind(N_("An order waits for approval"), Permission.APPROVE_ORDERS, N_("See what waits")),
    "order.returned": Kind(N_("An order was not approved"), Permission.PLACE_ORDERS, N_("Open the order")),
    "standing.drafts": Kind(N_("A standing order wrote drafts"), Permission.PLACE_ORDERS, N_("Look at the drafts")),
    "standing.stuck": Kind(N_("A standing order could not be written"), Permission.PLACE_ORDERS, N_("Open it")),
    "order.overdue": Kind(N_("An answer is overdue"), Permission.PLACE_ORDERS, N_("Open the order")),
    "order.escalated": Kind(N_("An order needs a second person"), Permission.ADMINISTER, N_("Look at it"), urgent=True),
    "score.disputed": Kind(N_("A supplier disputes a line"), Permission.PLACE_ORDERS, N_("Look at it")),
    "score.ruled": Kind(N_("A buyer answered a dispute"), Permission.ANSWER_ORDERS, N_("Look at it"), mail=False),
    "comment.mentioned": Kind(N_("You were named in a comment"), Permission.PLACE_ORDERS, N_("Read it")),
    "comment.of-buyer": Kind(N_("A buyer wrote a comment"), Permission.ANSWER_ORDERS, N_("Read it"), mail=False),
    "comment.of-supplier": Kind(N_("A supplier wrote a comment"), Permission.PLACE_ORDERS, N_("Read it"), mail=False),
    "cancel-term.stated": Kind(N_("A supplier asks for a term"), Permission.PLACE_ORDERS, N_("Look at it")),
    "cancel-term.answered": Kind(N_("A buyer answered a term"), Permission.ANSWER_ORDERS, N_("Look at it"), mail=False),
    "order.withdrawn": Kind(N_("A buyer wants an order no longer"), Permission.ANSWER_ORDERS, N_("Open the order")),
    "order.moved": Kind(N_("An order was placed elsewhere"), Permission.PLACE_ORDERS, N_("Open the order")),
    "order.stays": Kind(N_("An order could not be placed elsewhere"), Permission.PLACE_ORDERS, N_("Open the order")),
    "order.answered": Kind(N_("A supplier answered"), Permission.PLACE_ORDERS, N_("Open the order"), mail=False),
    "order.turned": Kind(N_("A supplier wants something otherwise"), Permission.PLACE_ORDERS, N_("Open the order")),
    "order.countered": Kind(N_("A buyer wants something otherwise"), Permission.ANSWER_ORDERS, N_("Open the order")),
    "claim.opened": Kind(N_("A buyer claims a difference"), Permission.ANSWER_ORDERS, N_("Open the claim")),
    "claim.due": Kind(N_("A claim is due"), Permission.ANSWER_ORDERS, N_("Open the claim"), urgent=True),
    "claim.settled": Kind(N_("A claim is closed"), Permission.ANSWER_ORDERS, N_("Open the claim"), mail=False),
    "claim.returned": Kind(N_("Goods come back"), Permission.ANSWER_ORDERS, N_("Open the claim"), mail=False),
    "claim.escalated": Kind(N_("A claim needs a second person"), Permission.ADMINISTER, N_("Open the claim")),
    "claim.replied": Kind(N_("A supplier answered a claim"), Permission.PLACE_ORDERS, N_("Open the claim")),
    "claim.waiting": Kind(N_("A claim waits for your word"), Permission.PLACE_ORDERS, N_("Open the claim")),
    "claim.overdue": Kind(N_("A claim is overdue"), Permission.PLACE_ORDERS, N_("Open the claim")),
    "order.reply-waits": Kind(N_("An order is not agreed yet"), Permission.PLACE_ORDERS, N_("Open the order")),
    "order.counter-waits": Kind(N_("An order is not agreed yet"), Permission.ANSWER_ORDERS, N_("Open the order")),
    "statement.issued": Kind(N_("A buyer states what it owes"), Permission.ANSWER_ORDERS, N_("Open the statement")),
    "statement.answered": Kind(N_("A statement was answered"), Permission.PLACE_ORDERS, N_("Open the statement")),
    "shortage": Kind(N_("Something runs short"), Permission.PLACE_ORDERS, N_("Look at the proposals"), mail=False),
    "delivery.warm": Kind(N_("A delivery was too warm or too cold"), Permission.RECEIVE_GOODS, N_("Open the delivery")),
    "delivery.late": Kind(N_("A delivery is late"), Permission.RECEIVE_GOODS, N_("Open the delivery")),
    "delivery.late.buyer": Kind(N_("A store's delivery is late"), Permission.PLACE_ORDERS, N_("Open the order")),
    "recall": Kind(N_("A lot is recalled"), Permission.RECALL_LOTS, N_("Open the lot"), urgent=True),
    "recall.store": Kind(N_("A lot on the shelf is recalled"), Permission.RECEIVE_GOODS, N_("Open stock"), urgent=True),
    "report": Kind(N_("A shopper's problem"), Permission.PUBLISH_EVENTS, N_("Open the report")),
    "report.buyer": Kind(N_("A shopper's problem"), Permission.PLACE_ORDERS, N_("Open the report")),
    "report.store": Kind(N_("A shopper's problem"), Permission.RECEIVE_GOODS, N_("Open the report")),
    "copied": Kind(N_("A code may be copied"), Permission.PUBLISH_EVENTS, N_("Look at the code")),
    "certificate.ending": Kind(N_("A certificate ends soon"), Permission.KEEP_MASTER_DATA, N_("Open the certificate")),
    "destination.stopped": Kind(N_("Sending to a buyer's repository stopped"), Permission.ADMINISTER, N_("Look at it")),
    "hook.given-up": Kind(N_("A program does not take what it is told"), Permission.ADMINISTER, N_("Look at it")),
    "core.trouble": Kind(N_("The stock system does not answer"), Permission.ADMINISTER, N_("Look at it")),
}
