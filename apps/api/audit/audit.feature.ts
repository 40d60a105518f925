import type { Feature } from '../feature.js';
import { AuditController } from './audit.controller.js';
import { ExportAudit } from './export-audit.js';
import { ListAudit } from './list-audit.js';

export const auditFeature: Feature = {
  controllers: [AuditController],
  providers: ({ database }) => [
    { provide: ListAudit, useValue: new ListAudit(database) },
    { provide: ExportAudit, useValue: new ExportAudit(database) },
  ],
};
