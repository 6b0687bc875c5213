// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {IFaultLedger} from "./IFaultLedger.sol";
import {IPolicyRegistry} from "./IPolicyRegistry.sol";

/// @title IPolicyEvidence
/// @notice Judges by what a policy registry has on record.
interface IPolicyEvidence is IFaultLedger {
    /// @notice The policy registry works on another state-commit registry.
    error ForeignPolicyRegistry(IPolicyRegistry policies);

    /// @notice The registry of policies.
    function policyRegistry() external view returns (IPolicyRegistry);
}
