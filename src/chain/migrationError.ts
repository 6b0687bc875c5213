import { CodedError } from "../bytes/errors.ts";

/**
 * A migration cannot be planned, or stops.
 *
 * - `E_STAGES`: the stages do not add up to the policies, or a policy is there twice
 * - `E_NOT_COMMITTED`: an artifact is not in the state that proofs are made of
 * - `E_BATCH_INVALID`, `E_BATCH_CHECKSUM`: a batch file is no Transaction Builder file, or was changed
 * - `E_PLAN_INVALID`: the plan's own file is none
 * - `E_DRIFT`: what is on disk, in the plan and in the batch is not the same any more
 * - `E_STAGE_FAILED`: a transaction of the stage was refused; nothing of the stage has happened
 * - `E_STAGE_GAS`: the stage does not fit one transaction
 * - `E_STAGE_UNVERIFIED`: the stage went through, and the chain does not say what it should
 */
export class MigrationError extends CodedError<
  | "E_STAGES"
  | "E_NOT_COMMITTED"
  | "E_BATCH_INVALID"
  | "E_BATCH_CHECKSUM"
  | "E_PLAN_INVALID"
  | "E_DRIFT"
  | "E_STAGE_FAILED"
  | "E_STAGE_GAS"
  | "E_STAGE_UNVERIFIED"
> {}
