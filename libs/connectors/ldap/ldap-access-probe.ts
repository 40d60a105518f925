import { AppError, type JsonObject } from '#libs/kernel';
import { CredentialRefused, SystemConfigInvalid } from '../errors.js';
import type { AccessProbe, ProbeContext } from '../probe.js';
import { BindAccountDisabled, BindAccountUnknown } from './active-directory-errors.js';
import { parseLdapConfig, type LdapConfig } from './ldap-config.js';
import { at, bind, close, connect } from './ldap-connection.js';
import { controllersFor } from './ldap-controllers.js';

/** Answers that mean: this account does not get in, and not only for the moment. An expired or locked one is soon back. */
const GONE = [CredentialRefused, BindAccountUnknown, BindAccountDisabled];

/**
 * Tries to bind at every server of a directory. One that lets us in is enough for `still_open`; `gone` needs a refusal by all
 * of them, because a server that could not be asked may not have heard of it yet.
 */
export async function probeDirectory(context: ProbeContext): Promise<AccessProbe> {
  const config = parseLdapConfig(context.system);
  const reference = context.system.secretRef;
  if (reference === null) throw new SystemConfigInvalid(`The system ${context.system.name} names no secret.`);
  const password = await context.secrets.resolve(reference);
  const answers: (JsonObject & { readonly answer: AccessProbe['state'] })[] = [];
  for (const controller of await controllersFor(context, config.urls)) {
    const { url, address } = controller;
    const answer = await answerOf(context, at(config, controller), password);
    if (answer.answer === 'still_open') await context.secrets.signedIn(reference);
    answers.push({ url, address, ...answer });
  }
  return {
    state: worstOf(answers.map(({ answer }) => answer)),
    evidence: { account: config.bindDn, servers: answers },
  };
}

async function answerOf(
  context: ProbeContext,
  config: LdapConfig,
  password: string,
): Promise<{ readonly answer: AccessProbe['state']; readonly code?: string }> {
  try {
    const client = await connect(context, config);
    try {
      await bind(client, config, config.bindDn, password);
      return { answer: 'still_open' };
    } finally {
      close(client);
    }
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return { answer: GONE.some((kind) => error instanceof kind) ? 'gone' : 'unknown', code: error.code };
  }
}

function worstOf(answers: readonly AccessProbe['state'][]): AccessProbe['state'] {
  if (answers.includes('still_open')) return 'still_open';
  return answers.length > 0 && answers.every((answer) => answer === 'gone') ? 'gone' : 'unknown';
}
