/**
 * `{"address": "..", "blockedCountries": [..]}` and the secrets `{"records": {"<address>": {tier, country, expires}}}` give
 * both arguments, the tier, when it expires, and whether the country is blocked, or `{"error": ".."}`. The country itself
 * stays secret.
 */
export function run({ address, blockedCountries, secrets }) {
  const account = address.toLowerCase();
  const records = secrets.records;
  if (!Object.hasOwn(records, account)) return { error: "not known" };
  const { tier, country, expires } = records[account];
  const isFromBlockedCountry = blockedCountries.includes(country);
  return { address: account, blockedCountries, isFromBlockedCountry, tier, expires };
}
