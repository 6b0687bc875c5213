import { setupDeployScripts } from "rocketh";
import * as generated from "../generated/artifacts/index.js";
import { type Accounts, type Data, type Extensions, extensions } from "./config.ts";

const { deployScript } = setupDeployScripts<Extensions, Accounts, Data>(extensions);

const artifacts = { ...generated };

/** Artifact of a contract, without its `devdoc`: rocketh's type of that knows no `@custom:` tags. */
function artifactOf<Name extends keyof typeof artifacts>(name: Name) {
  const { devdoc: _devdoc, ...artifact } = artifacts[name];
  return artifact;
}

export { artifactOf, artifacts, deployScript };
