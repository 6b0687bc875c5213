// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainQuorum} from "../helpers/PlainQuorum.sol";
import {CertificateForge} from "./CertificateForge.sol";
import {EpochSource} from "./EpochSource.sol";
import {BlsQuorumVerifier} from "../../../contracts/BlsQuorumVerifier.sol";
import {IBlsQuorumVerifier} from "../../../contracts/interfaces/IBlsQuorumVerifier.sol";
import {IEpochSink} from "../../../contracts/interfaces/IEpochSink.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";
import {CertificateFault} from "../../../contracts/types/CertificateFault.sol";

/// @dev Drives a verifier with certificates valid and forged. Numbers of claims are those of the invariants QRM1, QRM2, …
abstract contract QuorumHandler is CertificateForge {
    uint64 internal constant OVERLAP_SECONDS = 10 minutes;

    struct Verdict {
        bool isGiven;
        CertificateFault fault;
        uint256 signedWeight;
        uint256 totalWeight;
    }

    EpochSource internal immutable SOURCE;
    /// @dev One caches subsets, one does not.
    BlsQuorumVerifier internal immutable CACHED;
    BlsQuorumVerifier internal immutable FRESH;
    PlainQuorum internal immutable PLAIN;

    constructor() {
        vm.warp(_clock);
        SOURCE = new EpochSource(KEYS);
        CACHED = new BlsQuorumVerifier(IOperatorSetRegistry(address(SOURCE)));
        FRESH = new BlsQuorumVerifier(IOperatorSetRegistry(address(SOURCE)));
        PLAIN = new PlainQuorum(address(SOURCE));
        SOURCE.addSink(CACHED);
        SOURCE.addSink(FRESH);
        SOURCE.addSink(IEpochSink(address(PLAIN)));
    }

    // -- Epochs --

    /// @dev A new epoch of some of eight operators, after some time; now and then in an emergency.
    function openEpoch(uint8 members, uint16 waitSeconds, uint8 seed) external at(waitSeconds % 900) {
        // Not too often, or hardly any certificate is for a valid epoch.
        if (SOURCE.newest() != 0 && seed % 4 != 0) return;
        // Often the same operators again, so that only its number tells an epoch from the next.
        uint256 chosen = SOURCE.epochOf(SOURCE.newest()).members;
        if (chosen == 0 || seed % 8 == 0) chosen = members == 0 ? 0xff : members;
        SOURCE.open(chosen, seed % 16 == 0 ? _clock - 1 : _clock + OVERLAP_SECONDS);
        _count("epoch");
    }

    /// @dev The newest epoch most of the time, or one of the three before it.
    function _someEpoch(uint256 seed) internal view returns (uint32) {
        uint32 newest = SOURCE.newest();
        uint32 back = seed % 4 != 0 ? 0 : uint32((seed >> 2) % 4);
        return newest > back ? newest - back : newest;
    }

    function _isValid(uint32 epoch) internal view returns (bool) {
        return epoch != 0 && epoch <= SOURCE.newest() && _clock <= SOURCE.epochOf(epoch).expiresAt;
    }

    /// @dev A part of `members` that is not empty.
    function _someOf(uint256 members, uint256 seed) internal pure returns (uint256 signers) {
        signers = members & seed;
        if (signers == 0 || seed % 5 == 0) signers = members;
    }

    // -- Certificates --

    /// @dev A valid certificate of any signers proves exactly them; one of an epoch that has ended proves nothing.
    function certify(uint256 seed, bytes32 digest, uint8 signerSeed) external at(1) {
        seed = _mix(seed);
        uint32 epoch = _someEpoch(seed);
        uint256 members = SOURCE.epochOf(epoch).members;
        uint256 signers = _someOf(members, signerSeed);
        bytes32[] memory digests = _one(digest);
        Verdict memory verdict = _judge(digests, _pack(_draft(epoch, members, signers, digests)), seed >> 8);
        _claimProven(verdict, epoch, members, signers);
        _count(_isValid(epoch) ? bytes32("proven") : bytes32("expired"));
    }

    /// @dev A valid certificate over several digests, or with their list changed.
    function certifyBatch(uint256 seed, uint8 signerSeed, uint8 count) external at(1) {
        seed = _mix(seed);
        uint32 epoch = _someEpoch(seed);
        uint256 members = SOURCE.epochOf(epoch).members;
        uint256 signers = _someOf(members, signerSeed);
        bytes32[] memory digests = new bytes32[](2 + (count % 4));
        for (uint256 i = 0; i < digests.length; ++i) digests[i] = keccak256(abi.encode(seed, i));
        bytes memory certificate = _pack(_draft(epoch, members, signers, digests));
        if ((seed >> 128) % 3 == 0) {
            _claim(7, !_isProven(_judge(_disturbed(digests, seed >> 136), certificate, seed >> 8)));
            _count("batch refused");
        } else {
            Verdict memory verdict = _judge(digests, certificate, seed >> 8);
            _claimProven(verdict, epoch, members, signers);
            _claim(7, _isProven(verdict) == _isValid(epoch));
            _count("batch");
        }
    }

    /// @dev A member exchanged, repeated, left out, added or in another place.
    function _disturbed(bytes32[] memory digests, uint256 seed) private pure returns (bytes32[] memory out) {
        uint256 n = digests.length;
        uint256 way = seed % 5;
        out = new bytes32[](
            way == 0
                ? n - 1
                : way == 1
                    ? n + 1
                    : n
        );
        for (uint256 i = 0; i < out.length; ++i) out[i] = digests[i < n ? i : 0];
        uint256 place = (seed >> 8) % n;
        if (way == 2) out[place] = keccak256(abi.encode(out[place]));
        if (way == 3) out[place] = digests[(place + 1) % n];
        if (way == 4) (out[0], out[n - 1]) = (digests[n - 1], digests[0]);
    }

    /// @dev A certificate that must be refused.
    function forge(uint256 seed, bytes32 digest, uint8 signerSeed) external at(1) {
        seed = _mix(seed);
        uint32 epoch = _someEpoch(seed);
        uint256 members = SOURCE.epochOf(epoch).members;
        bytes32[] memory digests = _one(digest);
        Draft memory draft = _draft(epoch, members, _someOf(members, signerSeed), digests);
        (bytes memory certificate, uint256 invariant) = _forge(
            draft,
            (seed >> 8) % FORGERY_COUNT,
            seed >> 16
        );
        if (invariant == 0) return;
        _claim(invariant, !_isProven(_judge(digests, certificate, seed >> 128)));
        _count("forged");
    }

    /// @dev A valid certificate for another digest or another epoch.
    function misuse(uint256 seed, bytes32 digest, bytes32 other, uint8 signerSeed) external at(1) {
        seed = _mix(seed);
        uint32 epoch = SOURCE.newest();
        uint256 members = SOURCE.epochOf(epoch).members;
        Draft memory draft = _draft(epoch, members, _someOf(members, signerSeed), _one(digest));
        bool isOfOtherEpoch = seed % 2 == 0;
        if (!isOfOtherEpoch && other == digest) return;
        if (isOfOtherEpoch)
            draft.epoch =
                (seed >> 8) % 8 == 0 ? uint32(seed >> 16) : epoch - 1 + 2 * uint32((seed >> 16) % 2);
        if (isOfOtherEpoch && draft.epoch == epoch) return;
        bytes32[] memory digests = _one(isOfOtherEpoch ? digest : other);
        _claim(3, !_isProven(_judge(digests, _pack(draft), seed >> 128)));
        if (isOfOtherEpoch) _claim(11, _isValid(draft.epoch) || !_isProven(_judge(digests, _pack(draft), 1)));
        _count("misused");
    }

    /// @dev A valid certificate with too little gas is not judged, or judged as with enough.
    function judgeShortOfGas(uint256 seed, bytes32 digest, uint24 gasLimit, uint8 signerSeed) external at(1) {
        seed = _mix(seed);
        uint32 epoch = SOURCE.newest();
        uint256 members = SOURCE.epochOf(epoch).members;
        uint256 signers = _someOf(members, signerSeed);
        bytes memory certificate = _pack(_draft(epoch, members, signers, _one(digest)));
        uint256 limit = 20_000 + (uint256(gasLimit) % 800_000);
        BlsQuorumVerifier judge = seed % 2 == 0 ? CACHED : FRESH;
        try judge.verify{gas: limit}(digest, certificate) returns (CertificateFault fault, uint256, uint256) {
            _claim(4, fault == CertificateFault.None);
            _count("enough gas");
        } catch {
            _count("short of gas");
        }
    }

    /// @dev Any bytes behind a known epoch, or none.
    function judgeGarbage(bytes32 digest, bytes calldata garbage, uint256 seed) external at(1) {
        seed = _mix(seed);
        bytes memory certificate = abi.encodePacked(SOURCE.newest(), garbage);
        if (seed % 3 == 0) certificate = garbage;
        _claim(2, !_isProven(_judge(_one(digest), certificate, seed)));
        _count("garbage");
    }

    // -- Subsets --

    /// @dev Caches a subset, with its own key or another.
    function cacheSubset(uint256 seed, uint8 signerSeed) external at(1) {
        seed = _mix(seed);
        uint32 epoch = _someEpoch(seed);
        uint256 members = SOURCE.epochOf(epoch).members;
        uint256 signers = _someOf(members, signerSeed);
        uint256 offered = (seed >> 8) % 4 == 0 ? 1 + ((seed >> 16) % 255) : signers;
        bool isRight = _isValid(epoch) && offered == signers && signers != members;
        try CACHED.cacheSubset(epoch, _without(members, signers), KEYS.keyG2(offered)) {
            _claim(8, isRight);
            _count("cached");
        } catch (bytes memory reason) {
            _claim(8, !isRight && _selectorOf(reason) == IBlsQuorumVerifier.SubsetRefused.selector);
            _count("not cached");
        }
    }

    // -- Verdicts --

    function _one(bytes32 digest) internal pure returns (bytes32[] memory digests) {
        digests = new bytes32[](1);
        digests[0] = digest;
    }

    function _isProven(Verdict memory verdict) internal pure returns (bool) {
        return verdict.isGiven && verdict.fault == CertificateFault.None;
    }

    /// @dev The verdict of the verifier with a cache, held to one of the others: each costs pairings.
    function _judge(
        bytes32[] memory digests,
        bytes memory certificate,
        uint256 seed
    ) internal returns (Verdict memory verdict) {
        verdict = _verdictOf(CACHED, digests, certificate);
        _claim(13, verdict.isGiven);
        bool isProven = _isProven(verdict);
        _claim(1, isProven || (verdict.signedWeight == 0 && verdict.totalWeight == 0));
        if (seed % 3 == 0) {
            Verdict memory fresh = _verdictOf(FRESH, digests, certificate);
            _claim(8, keccak256(abi.encode(fresh)) == keccak256(abi.encode(verdict)));
        } else if (seed % 3 == 1) {
            try PLAIN.judge(digests, certificate) returns (CertificateFault fault) {
                bool isNothing = PLAIN.proveBatch(digests, certificate).isNothing();
                _claim(6, fault == verdict.fault && isNothing == (fault != CertificateFault.None));
            } catch {
                _claim(13, false);
            }
        }
    }

    function _verdictOf(
        BlsQuorumVerifier judge,
        bytes32[] memory digests,
        bytes memory certificate
    ) private view returns (Verdict memory verdict) {
        bytes memory call =
            digests.length == 1
                ? abi.encodeCall(judge.verify, (digests[0], certificate))
                : abi.encodeCall(judge.verifyBatch, (digests, certificate));
        (bool isGiven, bytes memory answer) = address(judge).staticcall(call);
        if (!isGiven) return verdict;
        verdict.isGiven = true;
        (verdict.fault, verdict.signedWeight, verdict.totalWeight) = abi.decode(
            answer,
            (CertificateFault, uint256, uint256)
        );
    }

    function _claimProven(Verdict memory verdict, uint32 epoch, uint256 members, uint256 signers) private {
        bool isValid = _isValid(epoch);
        _claim(10, _isProven(verdict) || !isValid);
        _claim(11, isValid || verdict.fault == CertificateFault.EpochExpired);
        if (!_isProven(verdict)) return;
        _claim(9, verdict.signedWeight == SOURCE.weightOfAll(signers));
        _claim(9, verdict.totalWeight == SOURCE.weightOfAll(members));
    }
}
