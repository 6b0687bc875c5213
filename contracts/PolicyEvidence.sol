// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultLedger} from "./FaultLedger.sol";
import {IPolicyEvidence} from "./interfaces/IPolicyEvidence.sol";
import {IPolicyRegistry} from "./interfaces/IPolicyRegistry.sol";

/// @title PolicyEvidence
/// @notice What a policy registry has on record, against the quorum of its state-commit registry.
abstract contract PolicyEvidence is IPolicyEvidence, FaultLedger {
    IPolicyRegistry internal immutable POLICY_REGISTRY;

    /// @param policies works on the state-commit registry of this ledger
    constructor(IPolicyRegistry policies) {
        if (address(policies.stateCommitRegistry()) != address(STATE_COMMIT_REGISTRY)) {
            revert ForeignPolicyRegistry(policies);
        }
        POLICY_REGISTRY = policies;
    }

    /// @inheritdoc IPolicyEvidence
    function policyRegistry() external view returns (IPolicyRegistry) {
        return POLICY_REGISTRY;
    }
}
