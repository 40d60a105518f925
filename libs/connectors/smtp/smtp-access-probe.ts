import { mailTransport } from '#libs/platform/outgoing';
import { CredentialRefused, SystemConfigInvalid } from '../errors.js';
import type { AccessProbe, ProbeContext } from '../probe.js';
import { toMailError } from './mail-errors.js';
import { parseSmtpConfig } from './smtp-config.js';

/** Tries to log in at a mail server, and sends nothing. */
export async function probeMailServer({ system, secrets, outgoing }: ProbeContext): Promise<AccessProbe> {
  const config = parseSmtpConfig(system);
  if (config.user === null || system.secretRef === null)
    throw new SystemConfigInvalid(`The system ${system.name} names no account to log in with.`);
  const where = `${config.host}:${config.port}`;
  const auth = { user: config.user, pass: await secrets.resolve(system.secretRef) };
  let hasSignedIn = false;
  const transport = mailTransport(outgoing, { ...config, auth }, () => (hasSignedIn = true));
  const evidence = { account: config.user, server: where };
  try {
    await transport.verify();
    // a server that asks for no sign-in is open, and says nothing of the credential
    if (hasSignedIn) await secrets.signedIn(system.secretRef);
    return { state: 'still_open', evidence };
  } catch (thrown) {
    const error = toMailError(thrown, where);
    if (!(error instanceof CredentialRefused)) throw error;
    const { responseCode = null } = (error.context ?? {}) as { readonly responseCode?: number };
    // only a permanent answer of the server itself proves anything
    return responseCode === null
      ? { state: 'unknown', evidence: { ...evidence, code: error.code } }
      : { state: 'gone', evidence: { ...evidence, responseCode } };
  } finally {
    transport.close();
  }
}
