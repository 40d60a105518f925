import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { PROTECTION_RULES, type ProtectionRule, type StoredSettings } from '#libs/requests';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'Settings', description: 'What of a customer’s needs a second person at the MSP.' })
export class SettingsView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ type: 'integer', description: 'So many accounts or devices within an hour need no second person.' })
  readonly accountsPerHour!: number;
  @ApiProperty({ enum: PROTECTION_RULES, description: 'When a plan would lock the last administrator out.' })
  readonly lastAdministrator!: ProtectionRule;
  @ApiProperty({ type: String, nullable: true, description: 'Null while the usual settings hold.' })
  readonly setBy!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly setAt!: string | null;
}

@ApiSchema({ name: 'SettingsPage' })
export class SettingsPageView implements Page<SettingsView> {
  @ApiProperty({ type: [SettingsView] })
  readonly items!: SettingsView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function settingsView({ setAt, ...settings }: StoredSettings): SettingsView {
  return { ...settings, setAt: setAt?.toISOString() ?? null };
}
