// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {DataRequestFixture} from "./helpers/DataRequestFixture.sol";
import {HookStub} from "./helpers/HookStubs.sol";
import {DataAvailabilityChallenge} from "../../contracts/DataAvailabilityChallenge.sol";
import {IDataAvailabilityChallenge as Challenge} from "../../contracts/interfaces/IDataAvailabilityChallenge.sol";
import {IFaultLedger} from "../../contracts/interfaces/IFaultLedger.sol";
import {ISignedCommits} from "../../contracts/interfaces/ISignedCommits.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {ITimelocked} from "../../contracts/interfaces/ITimelocked.sol";
import {BlockHashes} from "../../contracts/libraries/BlockHashes.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {QuorumFault} from "../../contracts/types/Challenge.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {DataRequest, RequestRules, SegmentProof} from "../../contracts/types/DataRequest.sol";
import {CommitStanding, SignedCommit} from "../../contracts/types/SignedCommit.sol";
import {TransitionFault} from "../../contracts/types/Transition.sol";

contract DataAvailabilityChallengeTest is DataRequestFixture {
    function _assertHeld(uint256 openWei) private view {
        uint256 owed =
            openWei +
                _challenge.freePoolWei() +
                _challenge.faultRecord(_challenge.requestIdOf(_signed(), 0)).rewardWei +
                _challenge.creditOf(REQUESTER) +
                _challenge.creditOf(SERVER) +
                _challenge.creditOf(address(this));
        assertEq(address(_challenge).balance, owed, "held is what is owed");
    }

    // -- Requests --

    function test_DAC1_requestData_isOpen_isKeptAndAnnounced() public {
        bytes32 id = _challenge.requestIdOf(_signed(), 0);
        vm.expectEmit();
        emit Challenge.DataRequested(
            id,
            SEQUENCE_NO,
            REQUESTER,
            _signed().commit.daCertHash,
            0,
            uint64(block.number) + 4,
            _manifest()
        );
        assertEq(_request(), id, "id");
        DataRequest memory kept = _challenge.dataRequest(id);
        assertTrue(kept.requester == REQUESTER && kept.commitment == _commitment, "requester, chunk");
        assertEq(kept.chunkLength, CHUNK_BYTES, "length");
        assertEq(kept.drawBlock, block.number + 4, "draw block");
        assertTrue(kept.deadline == 0 && kept.seed == 0, "not drawn");
        assertEq(_challenge.drawnSegments(id).length, 0, "no segments");
    }

    function test_DAC1_requestData_openOrRecorded_isRefused() public {
        bytes32 id = _request();
        vm.expectRevert(Challenge.AlreadyRequested.selector);
        _requestWith(BOND);
        _drawNow(id);
        vm.warp(_challenge.dataRequest(id).deadline + 1);
        _challenge.concludeRequest(id);
        vm.expectRevert(Challenge.AlreadyRecorded.selector);
        _requestWith(BOND);
        assertEq(_challenge.faultCount(), 1, "one fault");
    }

    function test_DAC1_requestData_afterAnAnswer_opensAgainUnderAnotherBond() public {
        bytes32 id = _request();
        uint256[] memory first = _drawNow(id);
        _serve(id, _proofs(first));
        assertEq(_request(), id, "the same chunk");
        uint256[] memory second = _drawNow(id);
        _serve(id, _proofs(second));
        assertEq(_challenge.creditOf(SERVER), 2 * BOND, "paid for both");
        _assertHeld(0);
    }

    function test_DAC8_requestData_commitIsNotSignedOrNotRetained_isRefused() public {
        _registry.setWeight(CertificateFault.EpochExpired, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ISignedCommits.InvalidCommit.selector, CommitStanding.NotSigned)
        );
        _requestWith(BOND);
        _registry.setWeight(CertificateFault.None, 3, 3);
        _setRoot(SEQUENCE_NO, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ISignedCommits.InvalidCommit.selector, CommitStanding.RootNotRetained)
        );
        _requestWith(BOND);
    }

    function test_requestData_manifestOrChunkIsAnother_isRefused() public {
        SignedCommit memory signed = _signed();
        vm.deal(REQUESTER, BOND);
        vm.expectRevert(Challenge.WrongManifest.selector);
        vm.prank(REQUESTER);
        _challenge.requestData{value: BOND}(signed, "other", 0);

        vm.expectRevert(abi.encodeWithSelector(Challenge.NoSuchChunk.selector, 1, 1));
        vm.prank(REQUESTER);
        _challenge.requestData{value: BOND}(signed, _manifest(), 1);

        signed.commit.daCertHash = DaCertHash.wrap(keccak256("short"));
        vm.expectRevert(
            abi.encodeWithSelector(Challenge.MalformedManifest.selector, TransitionFault.ManifestLength)
        );
        vm.prank(REQUESTER);
        _challenge.requestData{value: BOND}(signed, "short", 0);
        _assertHeld(0);
    }

    function test_requestData_bondIsAnother_isRefused() public {
        for (uint256 i = 0; i < 3; ++i) {
            uint256 bond =
                i == 0
                    ? 0
                    : i == 1
                        ? BOND - 1
                        : BOND + 1;
            vm.expectRevert(abi.encodeWithSelector(Challenge.WrongBond.selector, BOND, bond));
            _requestWith(bond);
        }
    }

    // -- Draw --

    function test_DAC4_drawSegments_beforeTheBlockIsPast_isRefused() public {
        bytes32 id = _request();
        uint64 drawBlock = _challenge.dataRequest(id).drawBlock;
        vm.roll(drawBlock);
        vm.expectRevert(abi.encodeWithSelector(Challenge.DrawTooEarly.selector, drawBlock));
        _challenge.drawSegments(id);
        vm.expectRevert(Challenge.NotDrawn.selector);
        _challenge.serveSegments(id, new SegmentProof[](0));
        vm.expectRevert(Challenge.NotDrawn.selector);
        _challenge.concludeRequest(id);
        assertEq(_challenge.dataRequest(id).deadline, 0, "not drawn");
    }

    /// @dev Whoever draws, and whenever: the block that the request fixed decides.
    function test_DAC4_drawSegments_laterOrByAnother_isTheSameDraw() public {
        bytes32 id = _request();
        bytes32 blockHash = keccak256("hash of the drawing block");
        uint64 drawBlock = _challenge.dataRequest(id).drawBlock;
        vm.roll(drawBlock + 256);
        vm.setBlockhash(drawBlock, blockHash);
        vm.prank(SERVER);
        _challenge.drawSegments(id);
        DataRequest memory drawn = _challenge.dataRequest(id);
        assertEq(drawn.seed, keccak256(abi.encode(blockHash, id)), "by that block");
        assertEq(drawn.deadline, block.timestamp + WINDOW_SECONDS, "deadline");
        vm.expectRevert(Challenge.AlreadyDrawn.selector);
        _challenge.drawSegments(id);
        assertEq(_challenge.dataRequest(id).seed, drawn.seed, "no second draw");
        vm.expectRevert(Challenge.NotLapsed.selector);
        _challenge.lapseRequest(id);
    }

    /// @dev As above, where only the chain's history has the hash; what is no hash is none.
    function test_DAC4_drawSegments_hashIsInTheHistory_isTaken() public {
        bytes32 id = _request();
        uint64 drawBlock = _challenge.dataRequest(id).drawBlock;
        vm.roll(drawBlock + 257);
        bytes memory asked = abi.encode(uint256(drawBlock));
        bytes memory expired = abi.encodeWithSelector(Challenge.DrawExpired.selector, drawBlock);
        vm.mockCallRevert(HISTORY, asked, abi.encode(keccak256("reason")));
        vm.expectRevert(expired);
        _challenge.drawSegments(id);
        vm.clearMockedCalls();
        vm.mockCall(HISTORY, asked, abi.encode(keccak256("hash"), uint256(0)));
        vm.expectRevert(expired);
        _challenge.drawSegments(id);
        vm.clearMockedCalls();
        vm.mockCall(HISTORY, asked, abi.encode(keccak256("hash")));
        _challenge.drawSegments(id);
        bytes32 seed = keccak256(abi.encode(keccak256("hash"), id));
        assertEq(_challenge.dataRequest(id).seed, seed, "by that block");
    }

    function test_hashOf_blockIsNotPast_isZero() public view {
        assertEq(BlockHashes.hashOf(block.number), 0, "this one");
        assertEq(BlockHashes.hashOf(block.number + 1), 0, "the next one");
    }

    function test_DAC4_lapseRequest_hashIsGone_costsTheBond() public {
        bytes32 id = _request();
        uint64 drawBlock = _challenge.dataRequest(id).drawBlock;
        vm.expectRevert(Challenge.NotLapsed.selector);
        _challenge.lapseRequest(id);
        vm.roll(drawBlock + 1);
        vm.setBlockhash(drawBlock, keccak256("known"));
        vm.expectRevert(Challenge.NotLapsed.selector);
        _challenge.lapseRequest(id);
        vm.roll(drawBlock + 9_000);
        vm.expectRevert(abi.encodeWithSelector(Challenge.DrawExpired.selector, drawBlock));
        _challenge.drawSegments(id);
        vm.expectEmit();
        emit Challenge.RequestLapsed(id);
        _challenge.lapseRequest(id);
        assertEq(_challenge.freePoolWei(), BOND, "to the pool");
        assertEq(_challenge.creditOf(REQUESTER), 0, "not to the requester");
        _assertHeld(0);
        assertTrue(_challenge.dataRequest(id).requester == address(0), "ended");
    }

    function testFuzz_DAC4_drawn_anySeed_isDifferentSegmentsOfTheChunk(
        bytes32 seed,
        uint256 count,
        uint256 total
    ) public pure {
        total = 1 + (total % 3_969);
        count = 1 + (count % 8);
        if (count > total) count = total;
        _assertDistinct(_drawn(seed, count, total), total);
    }

    function test_segments_vectors_equal() public view {
        string memory json = vm.readFile("test/vectors/segments.json");
        uint256[] memory lengths = vm.parseJsonUintArray(json, ".lengths");
        uint256[] memory places = vm.parseJsonUintArray(json, ".indexes");
        bytes32[] memory commitments = vm.parseJsonBytes32Array(json, ".commitments");
        bytes[] memory siblings = vm.parseJsonBytesArray(json, ".siblings");
        assertTrue(lengths.length >= 20, "at least 20 vectors");
        for (uint256 i = 0; i < lengths.length; ++i) {
            SegmentProof memory proof = _patternSegment(lengths[i], places[i], siblings[i]);
            assertTrue(this.isSegment(commitments[i], lengths[i], places[i], proof), "holds");
            assertTrue(!this.isSegment(commitments[i], lengths[i] + 4_096, places[i], proof), "length");
            assertTrue(!this.isSegment(commitments[i], lengths[i], 37, proof), "index");
            assertTrue(!this.isSegment(~commitments[i], lengths[i], places[i], proof), "commitment");
        }
    }

    function test_commitmentOf_nothing_isZero() public view {
        assertEq(this.commitmentOf(""), 0, "no chunk is empty");
    }

    function test_draws_vectors_equal() public view {
        string memory json = vm.readFile("test/vectors/segments.json");
        bytes32[] memory seeds = vm.parseJsonBytes32Array(json, ".seeds");
        uint256[] memory counts = vm.parseJsonUintArray(json, ".counts");
        uint256[] memory totals = vm.parseJsonUintArray(json, ".totals");
        assertTrue(seeds.length >= 7, "at least 7 vectors");
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint256[] memory wanted = vm.parseJsonUintArray(
                json,
                string.concat(".drawn[", vm.toString(i), "]")
            );
            uint256[] memory got = _drawn(seeds[i], counts[i], totals[i]);
            assertEq(got.length, wanted.length, "as many");
            for (uint256 k = 0; k < got.length; ++k) assertEq(got[k], wanted[k], "the same");
        }
    }

    // -- Answers --

    function test_CHL04_DAC2_serveSegments_atTheDeadline_isTaken_aSecondLater_isNot() public {
        bytes32 id = _request();
        SegmentProof[] memory proofs = _proofs(_drawNow(id));
        uint64 deadline = _challenge.dataRequest(id).deadline;
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(Challenge.DeadlinePassed.selector, deadline, deadline + 1));
        _serve(id, proofs);
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(Challenge.DeadlineNotPassed.selector, deadline, deadline));
        _challenge.concludeRequest(id);
        vm.expectEmit();
        emit Challenge.DataServed(id, SERVER);
        _serve(id, proofs);
        assertEq(_challenge.creditOf(SERVER), BOND, "paid");
        assertEq(_challenge.faultCount(), 0, "no fault");
        _assertHeld(0);
    }

    function test_DAC6_CHL03_serveSegments_anyOtherBytes_areRefused() public {
        bytes32 id = _request();
        uint256[] memory indexes = _drawNow(id);
        for (uint256 edit = 0; edit < 7; ++edit) {
            SegmentProof[] memory proofs = _proofs(indexes);
            if (edit == 0) proofs[0].segment[0] ^= 0x01;
            if (edit == 1) proofs[0].siblings[0] ^= bytes32(uint256(1));
            if (edit == 2) proofs[0].siblings = new bytes32[](0);
            if (edit == 3) proofs[0].segment = bytes.concat(proofs[0].segment, hex"00");
            if (edit == 4) (proofs[0], proofs[1]) = (proofs[1], proofs[0]);
            if (edit == 5) proofs[0].siblings = new bytes32[](13);
            if (edit == 6) proofs[0].siblings = _withSurplus(proofs[0].siblings);
            vm.expectRevert(abi.encodeWithSelector(Challenge.InvalidSegment.selector, indexes[0]));
            _serve(id, proofs);
        }
        vm.expectRevert(abi.encodeWithSelector(Challenge.WrongSegmentCount.selector, SEGMENTS, 1));
        _serve(id, new SegmentProof[](1));
        assertEq(_challenge.creditOf(SERVER), 0, "nothing is paid");
        assertTrue(_challenge.dataRequest(id).requester == REQUESTER, "still open");
    }

    /// @dev What proves, and one hash behind it that nothing reads.
    function _withSurplus(bytes32[] memory siblings) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](siblings.length + 1);
        for (uint256 i = 0; i < siblings.length; ++i) longer[i] = siblings[i];
    }

    function test_serveSegments_unknownRequest_isRefused() public {
        bytes32 id = keccak256("none");
        bytes memory refusal = abi.encodeWithSelector(Challenge.UnknownRequest.selector, id);
        vm.expectRevert(refusal);
        _challenge.serveSegments(id, new SegmentProof[](0));
        vm.expectRevert(refusal);
        _challenge.drawSegments(id);
        vm.expectRevert(refusal);
        _challenge.concludeRequest(id);
        vm.expectRevert(refusal);
        _challenge.lapseRequest(id);
    }

    // -- Faults --

    function test_DAC3_concludeRequest_nobodyServed_recordsOnceAndCreditsTheRequester() public {
        _challenge.fundPool{value: REWARD_WEI + 1}();
        bytes32 id = _request();
        _drawNow(id);
        uint64 deadline = _challenge.dataRequest(id).deadline;
        vm.warp(deadline + 1);
        vm.expectEmit();
        emit Challenge.ChunkWithheld(id, SEQUENCE_NO, 0);
        vm.expectEmit();
        emit IFaultLedger.FaultProven(id, QuorumFault.WithheldData, _commitment, SEQUENCE_NO, REQUESTER);
        vm.prank(SERVER);
        _challenge.concludeRequest(id);
        IFaultLedger.FaultRecord memory kept = _challenge.faultRecord(id);
        assertTrue(kept.fault == QuorumFault.WithheldData, "fault");
        assertEq(kept.sequenceNo, SEQUENCE_NO, "commit");
        assertEq(kept.recordedAt, deadline + 1, "time");
        assertTrue(kept.challenger == REQUESTER, "requester");
        assertEq(kept.rewardWei, REWARD_WEI, "reward");
        assertEq(_challenge.creditOf(REQUESTER), BOND, "bond");
        assertEq(_challenge.freePoolWei(), 1, "the rest");
        _assertHeld(0);
        vm.warp(deadline + 2 + 1 days);
        _challenge.payReward(id);
        assertEq(REQUESTER.balance, REWARD_WEI, "paid");
        _assertHeld(0);
        vm.expectRevert(abi.encodeWithSelector(Challenge.UnknownRequest.selector, id));
        _challenge.concludeRequest(id);
        assertEq(_challenge.faultCount(), 1, "once");
    }

    function test_CHL05_concludeRequest_byAnother_creditsTheRequester() public {
        bytes32 id = _request();
        _drawNow(id);
        vm.warp(_challenge.dataRequest(id).deadline + 1);
        vm.prank(SERVER);
        _challenge.concludeRequest(id);
        assertEq(_challenge.creditOf(SERVER), 0, "nothing for the sender");
        assertEq(_challenge.creditOf(REQUESTER), BOND, "the bond is back");
        assertTrue(_challenge.faultRecord(id).challenger == REQUESTER, "who put it up");
    }

    /// @dev The fault's id is known from the request on; announcing it is worth nothing.
    function test_DAC3_CHL05_claimFault_announcedAfterTheRequest_isRefused() public {
        bytes32 id = _challenge.requestIdOf(_signed(), 0);
        bytes32 commitment = keccak256(abi.encode(id, SERVER, bytes32(0)));
        _challenge.announceFault(commitment);
        vm.roll(block.number + 1);
        _request();
        _drawNow(id);
        vm.warp(_challenge.dataRequest(id).deadline + 1);
        _challenge.concludeRequest(id);
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.NotAnnouncedEarlier.selector, commitment));
        _challenge.claimFault(id, SERVER, 0);
        assertTrue(_challenge.faultRecord(id).challenger == REQUESTER, "who put up the bond");
    }

    /// @dev A request that is due to be concluded, and whose fault a hook will hear of.
    function _dueWithHook() private returns (HookStub hook, bytes32 id) {
        hook = new HookStub();
        _hook = hook;
        super.setUp();
        id = _request();
        _drawNow(id);
        vm.warp(_challenge.dataRequest(id).deadline + 1);
    }

    function test_CHL07_GAS06_concludeRequest_hookWouldBeStarved_changesNothing() public {
        (, bytes32 id) = _dueWithHook();
        vm.expectPartialRevert(IFaultLedger.InsufficientHookGas.selector);
        _challenge.concludeRequest{gas: 600_000}(id);
        assertTrue(_challenge.dataRequest(id).requester == REQUESTER, "still open");
    }

    function test_CHL07_concludeRequest_hook_isToldAndCannotReenter() public {
        (HookStub hook, bytes32 id) = _dueWithHook();
        hook.reenterWith(abi.encodeCall(Challenge.withdraw, ()));
        _challenge.concludeRequest(id);
        assertTrue(_challenge.faultRecord(id).isHookTold && hook.wasOnRecord(), "told after the record");
        assertTrue(hook.lastFault() == QuorumFault.WithheldData, "of what");
        bytes4 reentrant = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        assertTrue(hook.refusal() == reentrant, "did not get in");
        _assertHeld(0);
    }

    // -- Money --

    function test_DAC5_withdraw_isPaidOnce() public {
        bytes32 id = _request();
        _serve(id, _proofs(_drawNow(id)));
        vm.expectEmit();
        emit Challenge.Withdrawn(SERVER, BOND);
        vm.prank(SERVER);
        _challenge.withdraw();
        assertEq(SERVER.balance, BOND, "paid");
        vm.expectRevert(Challenge.NothingToWithdraw.selector);
        vm.prank(SERVER);
        _challenge.withdraw();
        _assertHeld(0);
    }

    /// @dev This contract takes no money, and tries again while it is paid.
    function test_DAC5_withdraw_receiverRefusesOrReenters_changesNothing() public {
        bytes32 id = _request();
        _challenge.serveSegments(id, _proofs(_drawNow(id)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        _challenge.withdraw();
        assertEq(_challenge.creditOf(address(this)), BOND, "still owed");
        _assertHeld(0);
    }

    receive() external payable {
        _challenge.withdraw();
    }

    /// @dev Whatever becomes of requests of several chunks, what is owed is there.
    function testFuzz_DAC5_anyCourse_heldIsWhatIsOwed(uint256 seed, uint96 funds) public {
        vm.deal(address(this), funds);
        _challenge.fundPool{value: funds}();
        for (uint256 i = 0; i < 4; ++i) {
            uint256 course = (seed >> (8 * i)) % 4;
            bytes32 id = _request();
            _assertHeld(BOND);
            if (course == 0) {
                vm.roll(_challenge.dataRequest(id).drawBlock + 9_000);
                _challenge.lapseRequest(id);
            } else {
                uint256[] memory indexes = _drawNow(id);
                if (course == 1) _serve(id, _proofs(indexes));
                else {
                    vm.warp(_challenge.dataRequest(id).deadline + 1);
                    _challenge.concludeRequest(id);
                    _assertHeld(0);
                    break;
                }
            }
            _assertHeld(0);
        }
    }

    // -- Rules --

    function test_DAC7_enactRequestRules_openRequest_keepsItsOwn() public {
        bytes32 id = _request();
        RequestRules memory rules = _rules();
        (rules.bondWei, rules.windowSeconds, rules.segmentCount) = (2 gwei, 7 days, 1);
        _challenge.proposeRequestRules(rules);
        (, uint64 executableAt) = _challenge.proposedRequestRules();
        assertEq(executableAt, block.timestamp + DELAY_SECONDS, "after the delay");
        vm.warp(executableAt - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ITimelocked.TimelockActive.selector, executableAt, executableAt - 1)
        );
        _challenge.enactRequestRules(rules);
        assertEq(_challenge.requestRules().bondWei, BOND, "not yet");
        uint64 enactedAt = executableAt;
        vm.warp(enactedAt);
        vm.expectRevert(IFaultLedger.NotTheProposal.selector);
        _challenge.enactRequestRules(_rules());
        vm.expectEmit();
        emit Challenge.RequestRulesEnacted(rules);
        _challenge.enactRequestRules(rules);
        assertEq(_challenge.requestRules().bondWei, 2 gwei, "in force");
        assertEq(_drawNow(id).length, SEGMENTS, "as many as were asked for");
        assertEq(_challenge.dataRequest(id).deadline, enactedAt + WINDOW_SECONDS, "window");
        (, executableAt) = _challenge.proposedRequestRules();
        assertEq(executableAt, 0, "no proposal left");
    }

    function test_DAC7_cancelRequestRulesProposal_nothingIsLeft() public {
        bytes4 nothing = ITimelocked.NothingProposed.selector;
        vm.expectRevert(nothing);
        _challenge.cancelRequestRulesProposal();
        _challenge.proposeRequestRules(_rules());
        vm.expectEmit();
        emit Challenge.RequestRulesProposalCancelled();
        _challenge.cancelRequestRulesProposal();
        vm.expectRevert(nothing);
        _challenge.enactRequestRules(_rules());
    }

    function test_DAC7_requestRules_notTheOwner_isRefused() public {
        RequestRules memory rules = _rules();
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(bytes4(keccak256("OwnableUnauthorizedAccount(address)")), SERVER)
            );
            vm.prank(SERVER);
            if (i == 0) _challenge.proposeRequestRules(rules);
            else if (i == 1) _challenge.enactRequestRules(rules);
            else _challenge.cancelRequestRulesProposal();
        }
    }

    function test_DAC7_proposeRequestRules_outOfBounds_isRefused() public {
        for (uint256 i = 0; i < 6; ++i) {
            RequestRules memory rules = _rules();
            bytes32 name = i < 2 ? bytes32("bondWei") : bytes32("windowSeconds");
            if (i > 3) name = "segmentCount";
            if (i == 0) rules.bondWei = 1 gwei - 1;
            if (i == 1) rules.bondWei = 10 ether + 1;
            if (i == 2) rules.windowSeconds = 10 minutes - 1;
            if (i == 3) rules.windowSeconds = 7 days + 1;
            if (i == 4) rules.segmentCount = 0;
            if (i == 5) rules.segmentCount = 9;
            uint256[6] memory values = [uint256(1 gwei - 1), 10 ether + 1, 10 minutes - 1, 7 days + 1, 0, 9];
            vm.expectRevert(abi.encodeWithSelector(Challenge.InvalidRule.selector, name, values[i]));
            _challenge.proposeRequestRules(rules);
        }
    }

    function test_constructor_registryIsZero_reverts() public {
        vm.expectRevert(IFaultLedger.ZeroAddress.selector);
        new DataAvailabilityChallenge(
            address(this),
            IStateCommitRegistry(address(0)),
            _rules(),
            _faultRules(),
            DELAY_SECONDS
        );
    }

    function test_requestData_chunkHasFewerSegments_asksForAllOfThem() public {
        _chunk = new bytes(4_097);
        _commitment = this.commitmentOf(_chunk);
        _retain(_signed());
        bytes32 id = _request();
        assertEq(_challenge.dataRequest(id).rules.segmentCount, 2, "both");
        uint256[] memory drawn = _drawNow(id);
        assertTrue(drawn.length == 2 && drawn[0] + drawn[1] == 1, "the first and the second");
        _serve(id, _proofs(drawn));
        assertTrue(_challenge.dataRequest(id).requester == address(0), "served");
    }
}
