// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @title IPolicyClient
/// @notice A contract whose intents a policy decides, and which lets its owner choose the policy.
interface IPolicyClient {
    /// @notice The account that deploys policy instances for this contract. It may use at most
    ///         `ClientAuthority.OWNER_CALL_GAS` gas and must return exactly one word.
    function getOwner() external view returns (address);
}
