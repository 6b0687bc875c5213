import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { TaskArguments } from "hardhat/types/tasks";

/**
 * hardhat-deploy's own task, over the build that all tasks use: by itself it compiles everything a second time, under
 * another profile with the same settings.
 */
export default async function deploy(
  args: TaskArguments,
  hre: HardhatRuntimeEnvironment,
  runSuper: (args: TaskArguments) => Promise<unknown>,
): Promise<void> {
  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  await runSuper({ ...args, noCompile: true });
}
