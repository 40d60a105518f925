import type { Feature } from '../feature.js';
import { AgreementDesk } from './agreement-desk.js';
import { AgreementsController } from './agreements.controller.js';
import { ContactDesk } from './contact-desk.js';
import { ContactsController } from './contacts.controller.js';
import { SiteDesk } from './site-desk.js';
import { SitesController } from './sites.controller.js';
import { TenantDesk } from './tenant-desk.js';
import { TenantGroupDesk } from './tenant-group-desk.js';
import { TenantGroupsController } from './tenant-groups.controller.js';
import { TenantsController } from './tenants.controller.js';

export const tenantsFeature: Feature = {
  controllers: [TenantsController, SitesController, ContactsController, AgreementsController, TenantGroupsController],
  providers: ({ database }) => [
    { provide: TenantDesk, useValue: new TenantDesk(database) },
    { provide: SiteDesk, useValue: new SiteDesk(database) },
    { provide: ContactDesk, useValue: new ContactDesk(database) },
    { provide: AgreementDesk, useValue: new AgreementDesk(database) },
    { provide: TenantGroupDesk, useValue: new TenantGroupDesk(database) },
  ],
};
