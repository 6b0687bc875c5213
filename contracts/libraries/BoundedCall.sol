// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @title BoundedCall
/// @notice Calls somebody who is not trusted: with so much gas and no more, and without a look at the answer.
library BoundedCall {
    /// @dev Whether `target` ended well. What it returns stays where it is, however much it is. An account without code
    ///      ends well. In Solidity: `(succeeded, ) = target.call{gas: gasLimit}(data)`, which copies the answer; the caller
    ///      makes sure that so much gas is there, which the EVM otherwise gives less of without a word.
    function tell(address target, uint256 gasLimit, bytes memory data) internal returns (bool succeeded) {
        assembly ("memory-safe") {
            succeeded := call(gasLimit, target, 0, add(data, 0x20), mload(data), 0, 0)
        }
    }
}
