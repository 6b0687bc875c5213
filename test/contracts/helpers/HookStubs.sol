// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaultLedger} from "../../../contracts/interfaces/IFaultLedger.sol";
import {ISlashingHook} from "../../../contracts/interfaces/ISlashingHook.sol";
import {QuorumFault} from "../../../contracts/types/Challenge.sol";

/// @dev How a hook can behave.
enum Manner {
    Fine,
    Reverts,
    BurnsAllGas,
    ReturnsMuch,
    Reenters
}

/// @dev A hook that behaves as it is told to, and remembers what it heard.
contract HookStub is ISlashingHook {
    Manner private _manner;
    bytes private _call;
    uint256 public heardCount;
    uint256 public gasHeardWith;
    bytes32 public lastFaultId;
    QuorumFault public lastFault;
    address public lastChallenger;
    bool public wasOnRecord;
    bytes4 public refusal;

    function behave(Manner manner) external {
        _manner = manner;
    }

    /// @dev What it calls back with.
    function reenterWith(bytes calldata call) external {
        (_manner, _call) = (Manner.Reenters, call);
    }

    function onFaultProven(bytes32 faultId, QuorumFault fault, uint64, address challenger) external {
        gasHeardWith = gasleft();
        Manner manner = _manner;
        if (manner == Manner.Reverts) revert("no");
        if (manner == Manner.BurnsAllGas) while (true) gasHeardWith++;
        if (manner == Manner.Reenters) {
            (bool done, bytes memory answer) = msg.sender.call(_call);
            require(!done, "it got in");
            refusal = bytes4(answer);
        }
        ++heardCount;
        (lastFaultId, lastFault, lastChallenger) = (faultId, fault, challenger);
        wasOnRecord = IFaultLedger(msg.sender).faultRecord(faultId).recordedAt != 0;
        if (manner == Manner.ReturnsMuch) {
            assembly ("memory-safe") {
                return(0, 200000)
            }
        }
    }
}

/// @dev A challenger who takes no money, or asks for it twice.
contract PayeeStub {
    bytes private _call;
    address private _ledger;
    bytes4 public refusal;

    function reenter(address ledger, bytes calldata call) external {
        (_ledger, _call) = (ledger, call);
    }

    receive() external payable {
        require(_ledger != address(0), "no money");
        (bool done, bytes memory answer) = _ledger.call(_call);
        require(!done, "it got in");
        refusal = bytes4(answer);
    }
}
