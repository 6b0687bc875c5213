import { CodedError } from "../bytes/errors.ts";

/** A rehearsal told step by step: each step does something real and says what came out. */

/** Numbers of a step, by name; what a reader is shown is in here. */
export type Figures = Record<string, number | string | bigint>;

/** What one step has to say. */
export interface StepResult {
  /** One line for people. */
  readonly summary: string;
  readonly figures: Figures;
}

export interface StoryStep<Context> {
  /** Kebab-case, unique in the story. */
  readonly name: string;
  /** What is about to happen, for the progress line. */
  readonly title: string;
  run(context: Context): Promise<StepResult>;
}

/** A step as it went. */
export interface ToldStep {
  readonly name: string;
  readonly title: string;
  readonly ok: boolean;
  readonly elapsedMs: number;
  readonly summary: string;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface Report {
  readonly steps: readonly ToldStep[];
  /** Figures of all steps, by step name. */
  readonly figures: Readonly<Record<string, Figures>>;
}

/** Something that a step showed not to be as it must be. */
export class StoryError extends CodedError<"E_UNEXPECTED"> {}

/** `condition` must hold, or the step fails saying `what`. @throws {StoryError} `E_UNEXPECTED` */
export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new StoryError("E_UNEXPECTED", what);
}

/** The code with which `action` fails. @throws {StoryError} `E_UNEXPECTED` if it does not, or fails without a code */
export async function codeOfFailure(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  throw new StoryError("E_UNEXPECTED", "expected a refusal, got none");
}

/**
 * Runs `steps` in order until one fails; what follows a failed step is told as not run. Errors without a code are faults
 * of the program and pass through.
 * @param nowMs a monotonic clock, in milliseconds
 */
export async function tell<Context>(
  steps: readonly StoryStep<Context>[],
  context: Context,
  onStep: (step: StoryStep<Context>, told?: ToldStep) => void,
  nowMs: () => number = () => performance.now(),
): Promise<Report> {
  const told: ToldStep[] = [];
  const figures: Record<string, Figures> = {};
  let hasFailed = false;
  for (const step of steps) {
    const { name, title } = step;
    if (hasFailed) {
      told.push({
        name,
        title,
        ok: false,
        elapsedMs: 0,
        summary: "not run: an earlier step failed",
      });
      continue;
    }
    onStep(step);
    const startedMs = nowMs();
    const outcome = await attempt(step, context);
    const entry = { name, title, elapsedMs: Math.round(nowMs() - startedMs), ...outcome.entry };
    if (outcome.figures !== undefined)
      figures[name] = { ...outcome.figures, elapsedMs: entry.elapsedMs };
    hasFailed = !entry.ok;
    told.push(entry);
    onStep(step, entry);
  }
  return { steps: told, figures };
}

async function attempt<Context>(step: StoryStep<Context>, context: Context) {
  try {
    const { summary, figures } = await step.run(context);
    return { entry: { ok: true, summary }, figures };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const { code, message } = error;
    return { entry: { ok: false, summary: message, error: { code, message } }, figures: undefined };
  }
}
