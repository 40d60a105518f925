import type { EmergencyChange } from '#libs/events';
import { instantIn, oneLine, type MailContent, type MailLanguage } from '../mail-content.js';

const CHANGED: Readonly<Record<MailLanguage, Readonly<Record<EmergencyChange, string>>>> = {
  de: {
    locked: 'gesperrt',
    unlocked: 'entsperrt',
    closed: 'für immer geschlossen',
    passkey_added: 'Sicherheitsschlüssel hinzugefügt',
    passkey_removed: 'Sicherheitsschlüssel entfernt',
    passkey_renamed: 'Sicherheitsschlüssel umbenannt',
    role_given: 'Rolle vergeben',
    role_ended: 'Rolle entzogen',
  },
  en: {
    locked: 'locked',
    unlocked: 'unlocked',
    closed: 'closed for good',
    passkey_added: 'security key added',
    passkey_removed: 'security keys removed',
    passkey_renamed: 'security key renamed',
    role_given: 'role given',
    role_ended: 'role ended',
  },
};

/** What owners are told of an alarm about an emergency account. */
export interface AlarmNews {
  readonly kind: 'emergency_account.used' | 'emergency_account.refused' | 'emergency_account.changed';
  readonly alarmId: string;
  /** The emergency account’s name. */
  readonly account: string;
  readonly at: Date;
  /** What was changed about it, and by whom; null: nothing. */
  readonly change: EmergencyChange | null;
  readonly changedBy: string | null;
  /** How often it happened. */
  readonly times: number;
  /** Counts the mails from 1. */
  readonly number: number;
  /** IANA zone of the MSP. */
  readonly timeZone: string;
}

/** The mail that goes to every owner until one of them acknowledges the alarm. */
export function alarmMail(language: MailLanguage, news: AlarmNews): MailContent {
  return language === 'de' ? german(news) : english(news);
}

function german({ kind, alarmId, account, at, times, number, timeZone, change, changedBy }: AlarmNews): MailContent {
  const what = {
    'emergency_account.used': 'Mit dem Notfallkonto hat sich jemand angemeldet.',
    'emergency_account.refused': 'Jemand hat versucht, sich mit dem Notfallkonto anzumelden, und wurde abgewiesen.',
    'emergency_account.changed': 'Jemand hat das Notfallkonto verändert.',
  }[kind];
  return {
    language: 'de',
    subject: oneLine(`${number > 1 ? 'Erinnerung: ' : ''}Alarm: Notfallkonto „${account}“`),
    opening: ['Guten Tag,', what, 'Klären Sie, ob das beabsichtigt ist. Wenn nicht, sperren Sie das Konto sofort.'],
    facts: [
      { label: 'Konto', value: account },
      ...(change === null ? [] : [{ label: 'Änderung', value: CHANGED.de[change] }]),
      ...(changedBy === null ? [] : [{ label: 'Durch', value: changedBy }]),
      { label: 'Zeitpunkt', value: instantIn('de', at, timeZone) },
      ...(times > 1 ? [{ label: 'Versuche', value: String(times) }] : []),
      { label: 'Alarm', value: alarmId },
    ],
    closing: [`Diese Mail kommt wieder, bis ein Owner den Alarm bestätigt (POST /v1/alarms/${alarmId}/acknowledge).`],
  };
}

function english({ kind, alarmId, account, at, times, number, timeZone, change, changedBy }: AlarmNews): MailContent {
  const what = {
    'emergency_account.used': 'Somebody signed in with the emergency account.',
    'emergency_account.refused': 'Somebody tried to sign in with the emergency account and was refused.',
    'emergency_account.changed': 'Somebody changed the emergency account.',
  }[kind];
  return {
    language: 'en',
    subject: oneLine(`${number > 1 ? 'Reminder: ' : ''}Alarm: emergency account “${account}”`),
    opening: ['Hello,', what, 'Find out whether this is meant to be. If it is not, lock the account at once.'],
    facts: [
      { label: 'Account', value: account },
      ...(change === null ? [] : [{ label: 'Change', value: CHANGED.en[change] }]),
      ...(changedBy === null ? [] : [{ label: 'By', value: changedBy }]),
      { label: 'At', value: instantIn('en', at, timeZone) },
      ...(times > 1 ? [{ label: 'Tries', value: String(times) }] : []),
      { label: 'Alarm', value: alarmId },
    ],
    closing: [`This mail comes again until an owner acknowledges the alarm (POST /v1/alarms/${alarmId}/acknowledge).`],
  };
}
