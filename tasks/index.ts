import type { TaskDefinition } from "hardhat/types/tasks";

/** Every task of this project, in the order `npx hardhat --help` lists them. */
export const tasks: TaskDefinition[] = [];
