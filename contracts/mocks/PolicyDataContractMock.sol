// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PolicyDataContractMock
/// @notice A plugin that is a contract: names of its parts as text in storage (see PolicyContractMock).
contract PolicyDataContractMock {
    /// @notice The parts of the plugin.
    struct Parts {
        string wasmCid;
        string secretsSchemaCid;
        string metadataCid;
        uint32 expireAfterBlocks;
        address owner;
    }

    Parts private _parts;

    /// @notice Writes the parts of a new clone.
    function initialize(Parts calldata parts) external {
        _parts = parts;
    }
}
