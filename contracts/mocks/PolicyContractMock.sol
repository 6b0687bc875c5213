// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PolicyContractMock
/// @notice A policy that is a contract: names of its parts as text in storage, params per client. Stands for the usual way to
///         keep policies on chain where its gas is compared with that of the registries; nothing is checked.
contract PolicyContractMock {
    /// @notice The parts of the policy, by the names under which they are kept elsewhere.
    struct Parts {
        string entrypoint;
        string policyCid;
        string schemaCid;
        string metadataCid;
        address[] policyData;
        bytes32 codeHash;
        address owner;
    }

    /// @notice What a client decides.
    struct Config {
        bytes params;
        uint32 expireAfterBlocks;
    }

    Parts private _parts;
    mapping(address client => bytes32 id) private _ids;
    mapping(bytes32 id => Config config) private _configs;

    /// @notice A client uses the policy with these params.
    event PolicySet(address indexed client, bytes32 indexed id, Parts parts, Config config);

    /// @notice Writes the parts of a new clone.
    function initialize(Parts calldata parts) external {
        _parts = parts;
    }

    /// @notice Sets the params of the caller, under a new id.
    function setPolicy(Config calldata config) external returns (bytes32 id) {
        id = keccak256(abi.encode(address(this), msg.sender, config, block.timestamp));
        _ids[msg.sender] = id;
        _configs[id] = config;
        emit PolicySet(msg.sender, id, _parts, config);
    }
}
