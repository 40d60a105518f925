import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { mailSend as block, validateInput } from '#libs/connectors';
import type { JsonObject } from '#libs/kernel';
import { startSandbox, type Sandbox } from '../../../tools/sandbox/index.js';
import { Resources, slapdRoot } from '../sandbox/sandbox-fixture.js';
import { Customer, withoutConfig } from './block-context.js';

describe('mail.send', () => {
  const resources = new Resources();
  let sandbox: Sandbox;
  beforeAll(async () => {
    const options = { dir: resources.folder(), port: 0, slapdRoot: slapdRoot() };
    sandbox = resources.add(await startSandbox(options), (running) => running.stop());
  });
  beforeEach(() => sandbox.mail.clear());
  afterAll(() => resources.cleanUp());

  function customer(config: JsonObject = {}): Customer {
    const { host, port, user, password, caFile } = sandbox.description.mail;
    const caPem = readFileSync(caFile, 'utf8');
    const common = { host, port, from: 'stellwerk@msp.example', startTls: true, caPem, user, ...config };
    const made = new Customer({
      tenant: 'muster',
      name: 'mail',
      kind: 'smtp',
      config: common,
      secretRef: 'secret://mail',
    });
    made.secrets.set('secret://mail', password);
    return made;
  }
  const to = (...recipients: string[]) => ({
    to: recipients,
    subject: 'Austritt: Änne Müßig ✓',
    text: 'Grüße\n.\nEnde',
  });
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => error,
    );

  async function sent(input: Parameters<typeof block.plan>[1], step = customer().step({ stepId: 'notify_mail' })) {
    const effect = await block.plan(step, input);
    const receipt = ((await block.apply(step, input, effect)) ?? null) as JsonObject | null;
    return { effect, receipt, proof: await block.verify(step, input, effect, receipt) };
  }

  it('sends over TLS with a Message-ID of the step, and proves it by the server’s acceptance', async () => {
    const input = {
      ...to('petra.vogelsang@muster.example', 'it@Müller.example'),
      html: '<b>Grüße</b>',
      language: 'de',
    };
    const { effect, receipt, proof } = await sent(input);
    expect(effect).toMatchObject({ identity: null, irreversible: 'A mail cannot be taken back.' });
    expect(effect.changes.map(({ target, opaque }) => [target, opaque])).toEqual(input.to.map((one) => [one, true]));
    const [mail, ...more] = sandbox.mail.mails.list();
    expect(more).toEqual([]);
    const messageId = '<019a0000-0000-7000-8000-000000000001.notify_mail@msp.example>';
    expect(mail).toMatchObject({
      encrypted: true,
      messageId,
      subject: input.subject,
      html: expect.stringContaining('Grüße'),
    });
    expect(mail!.text.trim().split(/\r?\n/)).toEqual(['Grüße', '.', 'Ende']);
    expect(mail!.headers).toMatchObject({ 'content-language': 'de', 'auto-submitted': 'auto-generated' });
    expect(proof).toMatchObject({
      proven: true,
      evidence: { messageId, response: expect.stringMatching(/^250 /), refused: [] },
    });
    expect(receipt).toMatchObject({ accepted: [expect.any(String), expect.any(String)] });
  });

  it('sends the same Message-ID again when a crash made it repeat', async () => {
    const input = to('jana.keller@muster.example');
    await sent(input);
    await sent(input);
    const ids = sandbox.mail.mails.list().map((mail) => mail.messageId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('is not proven without the record of an acceptance, and has no undo', async () => {
    const input = to('jana.keller@muster.example');
    const effect = await block.plan(customer().step(), input);
    expect(await block.verify(customer().step(), input, effect, null)).toMatchObject({ proven: false });
    expect(await block.undo(customer().step(), input, effect, [])).toMatchObject({
      changes: [],
      irreversible: expect.any(String),
    });
  });

  it('names the recipient that was refused while the others got the mail', async () => {
    const { proof } = await sent(to('jana.keller@muster.example', 'bounce@muster.example'));
    expect(sandbox.mail.mails.list()).toMatchObject([{ to: ['jana.keller@muster.example'] }]);
    expect(proof).toMatchObject({
      proven: false,
      evidence: {
        accepted: ['jana.keller@muster.example'],
        refused: [{ recipient: 'bounce@muster.example', responseCode: 550 }],
      },
      problem: { code: 'mail.refused', detail: expect.stringContaining('bounce@muster.example') },
    });
    expect(proof.observed[1]!.value).toMatch(/^refused: 550 /);
  });

  it('fails for good on a 5xx and tries again on a 4xx', async () => {
    expect(await failure(sent(to('bounce@muster.example')))).toMatchObject({
      code: 'mail.refused',
      retryable: false,
      context: { responseCode: 550, refused: [{ recipient: 'bounce@muster.example' }] },
    });
    expect(await failure(sent(to('greylist@muster.example')))).toMatchObject({
      code: 'mail.temporarily_refused',
      retryable: true,
      context: { responseCode: 451 },
    });
    expect(await sent(to('greylist@muster.example'))).toMatchObject({ proof: { proven: true } });
  });

  it('is unreachable while the server is offline', async () => {
    await sandbox.mail.offline();
    expect(await failure(sent(to('a@muster.example')))).toMatchObject({
      code: 'connector.system_unreachable',
      retryable: true,
    });
    await sandbox.mail.online();
    expect(await sent(to('a@muster.example'))).toMatchObject({ proof: { proven: true } });
  });

  it('waits for a person when the login is refused, without telling the password', async () => {
    const wrong = customer();
    wrong.secrets.set('secret://mail', 'not-the-Passw0rd');
    const error = await failure(sent(to('a@muster.example'), wrong.step()));
    expect(error).toMatchObject({ code: 'connector.credential_refused', retryable: true });
    const { cause } = error as Error;
    const base64 = Buffer.from('not-the-Passw0rd').toString('base64');
    for (const text of [String(error), JSON.stringify(error), String(cause), JSON.stringify(cause)]) {
      expect(text).not.toContain('not-the-Passw0rd');
      expect(text).not.toContain(base64);
    }
  });

  it('trusts no certificate that our CA has not signed, and no server without TLS', async () => {
    const untrusted = withoutConfig(customer().step(), 'caPem');
    expect(await failure(sent(to('a@muster.example'), untrusted))).toMatchObject({
      code: 'connector.tls_refused',
      retryable: true,
    });
    const plain = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] });
    resources.add(plain, () => new Promise<void>((resolve) => plain.close(() => resolve())));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', () => resolve()));
    const { port } = plain.server.address() as { port: number };
    expect(await failure(sent(to('a@muster.example'), customer({ port }).step()))).toMatchObject({
      code: 'connector.tls_refused',
    });
    const login = { port, startTls: false, insecure: true };
    expect(await failure(sent(to('a@muster.example'), customer(login).step()))).toMatchObject({
      code: 'connector.config_invalid',
    });
  });

  it.each([
    { subject: 'x\r\nBcc: everyone@muster.example' },
    { to: ['a@muster.example\r\nBcc: b@muster.example'] },
    { to: ['a@muster.example, b@muster.example'] },
    { to: ['"a@evil.example"@muster.example'] },
    { to: [] },
  ])('takes no header and no second address in by the back door: %j', async (part) => {
    const input = { ...to('a@muster.example'), ...part };
    expect(() => validateInput(block, input)).toThrow(expect.objectContaining({ code: 'block.input_invalid' }));
    if (!/[\r\n]/.test(JSON.stringify(part).replace(/\\r|\\n/g, '\n'))) return;
    expect(await failure(Promise.resolve().then(() => sent(input)))).toMatchObject({ code: 'mail.header_refused' });
    expect(sandbox.mail.mails.list()).toEqual([]);
  });
});
