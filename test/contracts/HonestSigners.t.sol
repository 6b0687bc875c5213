// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CertificateBook} from "./helpers/ChallengeStubs.sol";
import {VoteFixture} from "./helpers/VoteFixture.sol";
import {IQuorumVerifier} from "../../contracts/interfaces/IQuorumVerifier.sol";
import {Verdict} from "../../contracts/types/Challenge.sol";

/// @dev Histories of votes, judged by the real judge with the real digests and operator sets. Certificates are in a book,
///      which takes exactly those that were signed, for exactly what they were signed for: pairings would cost too much
///      (HonestCertificates.t.sol has them, for fewer histories). Each run judges 40 honest histories and 8 dishonest
///      ones: 10,240 and 2,048 in a test run.
contract HonestSignersTest is VoteFixture {
    uint256 private constant HONEST_HISTORIES = 40;
    uint256 private constant DISHONEST_HISTORIES = 8;

    CertificateBook private _book;

    function _makeVerifier() internal override returns (IQuorumVerifier) {
        _book = new CertificateBook();
        return _book;
    }

    /// @dev In the layout of BLS, with empty hints and points.
    function _sign(
        bytes32[] memory digests,
        uint32 epoch,
        uint256 signers
    ) internal override returns (bytes memory certificate) {
        certificate = abi.encodePacked(epoch, new bytes(33 * digests.length + 192));
        for (uint256 i = 0; i < OPERATORS; ++i) {
            if (signers & (1 << i) == 0) certificate = bytes.concat(certificate, bytes1(uint8(i)));
        }
        _book.write(digests, certificate, weightOf(signers), TOTAL_WEIGHT);
    }

    function testFuzz_CHV22_CHL03_honestSigners_areNeverProven(uint256 seed) public {
        for (uint256 i = 0; i < HONEST_HISTORIES; ++i)
            this.play(uint256(keccak256(abi.encode(seed, i))), true);
        assertEq(_verifier.faultCount(), 0, "nothing is recorded");
        assertTrue(_seen[Verdict.NoFault] != 0, "one root twice");
        assertTrue(_seen[Verdict.SequenceMismatch] != 0, "two numbers");
        assertTrue(_seen[Verdict.InsufficientQuorum] != 0, "a root of few");
        assertTrue(_seen[Verdict.CertificateRefused] != 0, "twisted");
    }

    function testFuzz_CHL11_rivalRoots_areProvenOnceAndNameWhoSignedBoth(uint256 seed) public {
        for (uint256 i = 0; i < DISHONEST_HISTORIES; ++i) {
            this.play(uint256(keccak256(abi.encode(seed, i))), false);
        }
        assertEq(_verifier.faultCount(), _seen[Verdict.Proven], "each once");
    }

    function test_signers_meetEveryVerdict() public {
        _meetEveryVerdict();
    }
}
