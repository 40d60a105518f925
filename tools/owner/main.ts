import { AppError } from '#libs/kernel';
import type { Database } from '#libs/platform/database';
import { MailedLinks } from '#libs/platform/mailed-links';
import { openKeyRing, SealedValues } from '#libs/platform/secrets';
import { masterKeysOfInstallation, onInstallation } from '../database/installation.js';
import { createOwner } from './create-owner.js';
import { inviteEmergency, inviteOwner, type InvitedOwner } from './invite-owner.js';
import { exitCodeOf } from './owner.errors.js';
import { readWish, type EmergencyWish, type OwnerWish } from './owner-wish.js';

/**
 * create: makes the first owner of the MSP; emergency: an account for emergencies. Environment: STELLWERK_DATABASE_URL as
 * the role `stellwerk_founder`, STELLWERK_PUBLIC_URL, the programs' settings of master keys. The last line is JSON. Exit
 * code 0: done; 2: not understood; 3: refused, somebody is there already; 4: something has to be there first; 1: anything else.
 */
try {
  const wish = readWish(process.argv.slice(2));
  const done = await onInstallation({ name: 'owner', role: 'stellwerk_founder' }, (database) =>
    carryOut(database, wish),
  );
  console.log(JSON.stringify({ done: true, ...done }));
} catch (error) {
  const code = error instanceof AppError ? error.code : 'internal';
  console.error(error instanceof Error ? error.message : error);
  console.log(JSON.stringify({ done: false, code }));
  process.exitCode = exitCodeOf(error);
}

async function carryOut(database: Database, wish: OwnerWish | EmergencyWish): Promise<object> {
  if (wish.kind === 'emergency') {
    const invited = await inviteEmergency(database, linksOn(database), wish);
    tell(invited, 'Register a security key by this link, then put it into the safe. For a second one: --key-for.');
    return invited;
  }
  const { identity } = wish;
  if (identity === null) {
    const invited = await inviteOwner(database, linksOn(database), wish);
    tell(invited, `${wish.name} opens this link and registers a passkey; then they are an owner for all customers.`);
    return invited;
  }
  const made = await createOwner(database, { ...wish, identity });
  console.log(`${made.subject} is an owner for all customers and signs in at ${made.provider}, with a second factor:`);
  console.log(`  ${publicUrl()}/v1/sign-in?tenant=${made.tenant}`);
  return made;
}

function tell({ url, expiresAt }: InvitedOwner, what: string): void {
  console.log(`${what} It holds once, until ${expiresAt}:`);
  console.log(`  ${url}`);
}

function linksOn(database: Database): MailedLinks {
  return new MailedLinks(database, new SealedValues(database, openKeyRing(masterKeysOfInstallation())), publicUrl());
}

function publicUrl(): string {
  const value = process.env['STELLWERK_PUBLIC_URL']?.replace(/\/$/, '');
  if (!value) throw new Error('Set STELLWERK_PUBLIC_URL: links begin with it.');
  return value;
}
