// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @title IEnclaveRegistry
/// @notice What a state-commit registry asks of the registry of enclave measurements.
interface IEnclaveRegistry {
    /// @notice Whether operators may run the enclave with this PCR0 measurement now.
    function isActiveVersion(bytes32 pcr0) external view returns (bool);
}
