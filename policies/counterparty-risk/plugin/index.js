/**
 * `{"accounts": [..]}` and the secrets `{"scores": {"<account>": 0 to 100}}` give the accounts in lower case and the worst
 * score among them, or `{"error": ".."}` if one has none. Single scores stay secret.
 */
export function run({ accounts, secrets }) {
  const asked = accounts.map((account) => account.toLowerCase());
  const isKnown = (account) => Object.hasOwn(secrets.scores, account);
  if (!asked.every(isKnown)) return { error: "an account has no score" };
  return { accounts: asked, worst: Math.max(...asked.map((account) => secrets.scores[account])) };
}
