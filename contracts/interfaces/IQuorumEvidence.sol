// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {IFaultLedger} from "./IFaultLedger.sol";
import {IOperatorSetRegistry} from "./IOperatorSetRegistry.sol";

/// @title IQuorumEvidence
/// @notice Judges what certificates prove against those who signed them, and says who did.
/// @dev A certificate is judged as a commit's is now: by the registry's verifier, by its quorum, in an epoch that is valid.
interface IQuorumEvidence is IFaultLedger {
    /// @notice The operator sets whose members certificates name; zero if they name nobody.
    function operatorSets() external view returns (IOperatorSetRegistry);
}
