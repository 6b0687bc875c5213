const BPS = 10_000n;

/**
 * `{"vault": "..", "amount": ".."}` and the secrets `{"positions": {"<vault>": ".."}}` give both arguments and `shareBps`:
 * the share, rounded up, of the portfolio that the vault has after the deposit. The positions stay secret.
 */
export function run({ vault, amount, secrets }) {
  const account = vault.toLowerCase();
  const positions = Object.entries(secrets.positions);
  const texts = [amount, ...positions.map(([, text]) => text)];
  if (!texts.every((text) => /^(0|[1-9][0-9]{0,77})$/.test(text)))
    return { error: "not an amount" };
  const sum = (list) => list.reduce((total, [, text]) => total + BigInt(text), BigInt(amount));
  const total = sum(positions);
  if (total === 0n) return { error: "nothing is held" };
  const held = sum(positions.filter(([name]) => name === account));
  return { vault: account, amount, shareBps: Number((held * BPS + total - 1n) / total) };
}
