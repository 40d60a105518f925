import {
  acceptInvitation,
  findInvitation,
  holdInvitation,
  InvitationEnded,
  type Invitation,
  type NewPasskey,
  type PasskeyCeremonies,
  type Sessions,
} from '#libs/identity';
import { AppError } from '#libs/kernel';
import { instantIn } from '#libs/notify';
import type { Transaction } from '#libs/platform/database';
import type { MailedLink } from '#libs/platform/mailed-links';
import type { OutboxHint } from '#libs/platform/outbox';
import { markup, type PageLanguage } from '../http/html.js';
import type { Cookies } from '../identity/cookies.js';
import {
  RefusedAct,
  type ActedByLink,
  type LinkAnswer,
  type LinkBrowser,
  type LinkForm,
  type LinkPage,
} from '../mailed-links/link-page.js';
import { ENDED_TEXTS, type EndedLink } from '../mailed-links/link-texts.js';
import { toldPage } from '../pages/page.js';
import { passkeyForm, PASSKEY_POLICY } from '../passkeys/passkey-form.js';
import { boundToInvitation } from './invitation-door.js';
import { requireInviterStillMay } from './inviter.js';
import { INVITATION_TEXTS, type InvitationRefusal } from './invitation-page.texts.js';

const AFTER_SIGN_IN = '/docs';
const SCRIPTED = { 'content-security-policy': PASSKEY_POLICY };

/** A passkey that was verified before the act, and the browser that it was made in. */
class ProvenPasskey {
  constructor(
    readonly passkey: NewPasskey,
    readonly userAgent: string | null,
    /** The token of the session that the browser had until now. */
    readonly session: string | undefined,
  ) {}
}

/** Lets somebody in by an invitation: shows it, and takes the passkey that its button has the browser make. */
export class InvitationLinkPage implements LinkPage {
  readonly purpose = 'invitation';
  /** Administrators of a customer that leaves fetch its handover. */
  readonly whileLeaving = true;

  constructor(
    private readonly ceremonies: PasskeyCeremonies,
    private readonly cookies: Cookies,
    private readonly sessions: Sessions,
    private readonly hint: OutboxHint,
  ) {}

  async show(tx: Transaction, link: MailedLink, language: PageLanguage): Promise<LinkAnswer> {
    const invitation = await findInvitation(tx, [link.tenant], link.objectId);
    if (invitation?.state !== 'open') return ended(invitation, language);
    const { name, time_zone: timeZone } = await tx
      .selectFrom('tenants')
      .select(['name', 'time_zone'])
      .where('id', '=', link.tenant)
      .executeTakeFirstOrThrow();
    const shown = { customer: name, until: instantIn(language, invitation.expiresAt, timeZone) };
    return { page: this.page(invitation, shown, language), headers: SCRIPTED };
  }

  /** Spends the challenge, whatever becomes of it. */
  async prove(link: MailedLink, form: LinkForm, language: PageLanguage, browser: LinkBrowser): Promise<ProvenPasskey> {
    const token = this.cookies.read(browser, 'passkey');
    const boundTo = boundToInvitation({ tenant: link.tenant, id: link.objectId });
    try {
      const passkey = await this.ceremonies.finishRegistration(token, boundTo, jsonIn(form.get('credential')));
      return new ProvenPasskey(passkey, browser.userAgent, this.cookies.read(browser, 'session'));
    } catch (error) {
      throw refusedAct(error, language);
    }
  }

  async act(
    tx: Transaction,
    link: MailedLink,
    _form: LinkForm,
    language: PageLanguage,
    proof: unknown,
  ): Promise<ActedByLink> {
    if (!(proof instanceof ProvenPasskey)) throw new Error('An invitation was acted on without a proof.');
    const invitation = await holdInvitation(tx, link.tenant, link.objectId);
    if (invitation?.state !== 'open') return { ...ended(invitation, language), usesUp: false };
    try {
      await requireInviterStillMay(tx, invitation);
      const { token } = await acceptInvitation(tx, invitation, proof.passkey, proof.userAgent);
      const { done, onwards } = INVITATION_TEXTS[language];
      const { heading, body } = toldPage(done);
      const page = { heading, body: markup`${body}<p><a href="${AFTER_SIGN_IN}">${onwards}</a></p>` };
      const cookies = [this.cookies.header('session', token), this.cookies.cleared('passkey')];
      return { usesUp: true, page, headers: { 'set-cookie': cookies } };
    } catch (error) {
      if (error instanceof InvitationEnded) throw new RefusedAct(ended(undefined, language));
      throw refusedAct(error, language);
    }
  }

  /** Whoever was signed in in this browser no longer is: its cookie is somebody else's now. */
  async afterwards(proof: unknown): Promise<void> {
    this.hint.give();
    if (proof instanceof ProvenPasskey && proof.session !== undefined) await this.sessions.replace(proof.session);
  }

  private page(invitation: Invitation, shown: { customer: string; until: string }, language: PageLanguage) {
    const texts = INVITATION_TEXTS[language];
    const roles = [...new Set(invitation.grants.map(({ role }) => texts.roleNames[role] ?? role))].join(', ');
    const { origin } = this.ceremonies.relyingParty;
    const body = markup`<p>${texts.opening}</p>
<dl><dt>${texts.customer}</dt><dd>${shown.customer}</dd><dt>${texts.name}</dt><dd>${invitation.name}</dd>
<dt>${texts.invitedBy}</dt><dd>${invitation.invitedBy}</dd><dt>${texts.roles}</dt><dd>${roles}</dd>
<dt>${texts.until}</dt><dd>${shown.until}</dd></dl>
<p>${texts.about}</p>
${passkeyForm({ kind: 'register', origin, label: texts.press }, language)}
<p class="soft">${texts.warning}</p>`;
    return { heading: texts.heading, body };
  }
}

/** Where the invitation is over while its link is not. */
function ended(invitation: Invitation | undefined, language: PageLanguage): LinkAnswer {
  const how: EndedLink =
    invitation?.state === 'accepted' ? 'used' : invitation?.state === 'expired' ? 'expired' : 'revoked';
  return { status: 410, page: toldPage(ENDED_TEXTS[language][how]), refusal: how };
}

const REFUSALS: Readonly<Record<string, readonly [status: number, refusal: InvitationRefusal]>> = {
  'passkey.not_verified': [422, 'unverified'],
  'sign_in.not_begun': [400, 'notBegun'],
  'sign_in.not_admitted': [403, 'notAdmitted'],
  'passkey.unavailable': [409, 'unavailable'],
};

/** What a reader is told of a refusal; other errors are not for them. */
function refusedAct(error: unknown, language: PageLanguage): unknown {
  const [status, refusal] = (error instanceof AppError && REFUSALS[error.code]) || [];
  if (status === undefined || refusal === undefined) return error;
  const page = toldPage(INVITATION_TEXTS[language].refused[refusal]);
  return new RefusedAct({ status, page, refusal: (error as AppError).code });
}

function jsonIn(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}
