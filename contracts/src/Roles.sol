// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title What a member may be: bits, since one member may be several
library Roles {
    /// @notice Grows, makes or packs lots, and registers them.
    uint32 internal constant SUPPLIER = 1;
    /// @notice Sells to shoppers; may recall lots it held.
    uint32 internal constant RETAILER = 2;
    /// @notice Carries and stores.
    uint32 internal constant CARRIER = 4;
    /// @notice A public authority; may recall any lot.
    uint32 internal constant AUTHORITY = 8;
    /// @notice Examines and endorses.
    uint32 internal constant AUDITOR = 16;

    /// @notice Every bit that has a meaning.
    uint32 internal constant ALL = SUPPLIER | RETAILER | CARRIER | AUTHORITY | AUDITOR;
}
