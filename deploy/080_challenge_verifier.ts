import { deployPolicyJudge } from "../rocketh/policyJudge.ts";

export default deployPolicyJudge("ChallengeVerifier");
