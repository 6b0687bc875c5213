// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEpochSink} from "../../../contracts/interfaces/IEpochSink.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";

/// @dev Writes down what it hears.
contract SinkProbe is IEpochSink {
    struct Entry {
        uint64 expiresAt;
        uint16 operatorCount;
        bytes32 aggregateKeyHash;
    }

    IOperatorSetRegistry public immutable operatorSets;
    mapping(uint32 epoch => Entry) public heard;

    constructor(IOperatorSetRegistry operatorSets_) {
        operatorSets = operatorSets_;
    }

    function recordEpoch(uint32 epoch, uint64 expiresAt, uint16 count, bytes32 keyHash) external {
        if (msg.sender != address(operatorSets)) revert NotTheOperatorSets(msg.sender);
        heard[epoch] = Entry(expiresAt, count, keyHash);
    }
}
