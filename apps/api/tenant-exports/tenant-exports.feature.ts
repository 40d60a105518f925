import type { Feature } from '../feature.js';
import { TenantExportDesk } from './tenant-export-desk.js';
import { TenantExportsController } from './tenant-exports.controller.js';

export const tenantExportsFeature: Feature = {
  controllers: [TenantExportsController],
  providers: ({ database, hint, signingKeys }) => [
    { provide: TenantExportDesk, useValue: new TenantExportDesk(database, hint, signingKeys) },
  ],
};
