import { readFileSync } from 'node:fs';

/** Where the development stack's Temporal is, from the state that the stack keeps; else from the environment. */
export function loadTemporalAddress(): { address: string; namespace: string } {
  const { STELLWERK_TEMPORAL_ADDRESS: address, STELLWERK_TEMPORAL_NAMESPACE: namespace = 'stellwerk' } = process.env;
  if (address) return { address, namespace };
  const state = JSON.parse(readFileSync(new URL('../../../.stellwerk/state.json', import.meta.url), 'utf8')) as {
    addresses: { temporalAddress: string; temporalNamespace: string };
  };
  return { address: state.addresses.temporalAddress, namespace: state.addresses.temporalNamespace };
}
