// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev The cheatcodes these tests use (the full list: forge-std's Vm.sol).
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function assume(bool condition) external pure;
    function bound(uint256 x, uint256 lo, uint256 hi) external view returns (uint256);
    function chainId(uint256 id) external;
    function deal(address who, uint256 amountWei) external;
    function etch(address target, bytes calldata code) external;
    function clearMockedCalls() external;
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function expectEmit() external;
    function expectPartialRevert(bytes4 selector) external;
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function mockCall(address callee, bytes calldata prefix, bytes calldata answer) external;
    function mockCallRevert(address callee, bytes calldata prefix, bytes calldata reason) external;
    function getNonce(address account) external view returns (uint64);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytesArray(
        string calldata json,
        string calldata key
    ) external pure returns (bytes[] memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonBytes32Array(
        string calldata json,
        string calldata key
    ) external pure returns (bytes32[] memory);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
    function parseJsonStringArray(
        string calldata json,
        string calldata key
    ) external pure returns (string[] memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonUintArray(
        string calldata json,
        string calldata key
    ) external pure returns (uint256[] memory);
    function prank(address caller) external;
    function getRecordedLogs() external returns (Log[] memory logs);
    function readFile(string calldata path) external view returns (string memory);
    function recordLogs() external;
    function roll(uint256 blockNumber) external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function load(address target, bytes32 slot) external view returns (bytes32);
    function setBlockhash(uint256 blockNumber, bytes32 blockHash) external;
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
    function startPrank(address caller) external;
    function stopPrank() external;
    function toString(uint256 value) external pure returns (string memory);
    function warp(uint256 timestampSeconds) external;
}

/// @dev Base of the Solidity tests: cheatcodes, assertions that say what was compared, invariant targets.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address[] private _targets;

    error AssertionFailed(string what, uint256 got, uint256 wanted);

    function assertEq(uint256 got, uint256 wanted, string memory what) internal pure {
        if (got != wanted) revert AssertionFailed(what, got, wanted);
    }

    function assertEq(bytes32 got, bytes32 wanted, string memory what) internal pure {
        if (got != wanted) revert AssertionFailed(what, uint256(got), uint256(wanted));
    }

    function assertTrue(bool holds, string memory what) internal pure {
        if (!holds) revert AssertionFailed(what, 0, 1);
    }

    function targetContract(address target) internal {
        _targets.push(target);
    }

    /// @dev Read by the invariant runner.
    function targetContracts() public view returns (address[] memory) {
        return _targets;
    }
}
