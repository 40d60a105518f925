import type { Feature } from '../feature.js';
import { SettingsController } from './settings.controller.js';
import { TenantSettingsDesk } from './tenant-settings.js';

export const settingsFeature: Feature = {
  controllers: [SettingsController],
  providers: ({ database }) => [{ provide: TenantSettingsDesk, useValue: new TenantSettingsDesk(database) }],
};
