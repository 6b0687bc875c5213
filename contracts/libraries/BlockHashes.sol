// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @title BlockHashes
/// @notice Hashes of past blocks: the last 256 by the opcode, the last 8,191 where the chain has EIP-2935.
/// @dev Not OpenZeppelin's `Blockhash`: that takes the data of a revert for a hash, and here a hash that everybody knows
///      beforehand would be a draw that somebody chose.
library BlockHashes {
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    uint256 private constant OPCODE_BLOCKS = 256;
    /// @dev The history contract reads one cold slot: some 2,300 gas.
    uint256 private constant HISTORY_GAS = 50_000;

    /// @notice The hash of a block; zero of one that is not past, or too long past.
    function hashOf(uint256 blockNumber) internal view returns (bytes32) {
        if (blockNumber >= block.number) return 0;
        if (block.number - blockNumber <= OPCODE_BLOCKS) return blockhash(blockNumber);
        (bool isKept, bytes memory answer) = HISTORY.staticcall{gas: HISTORY_GAS}(abi.encode(blockNumber));
        return isKept && answer.length == 32 ? bytes32(answer) : bytes32(0);
    }
}
