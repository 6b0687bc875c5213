// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BlsQuorum} from "./BlsQuorum.sol";
import {IOperatorSetRegistry} from "./interfaces/IOperatorSetRegistry.sol";

/// @title BlsQuorumVerifier
/// @notice Judges BLS certificates of one operator set registry for whoever asks. Has no owner.
contract BlsQuorumVerifier is BlsQuorum {
    /// @param operatorSets_ tells of every epoch, once it lists this contract as a sink
    constructor(IOperatorSetRegistry operatorSets_) BlsQuorum(operatorSets_) {}
}
