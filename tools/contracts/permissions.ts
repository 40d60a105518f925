import 'reflect-metadata';
import { Reflector } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import {
  CUSTOMER_ROLES,
  FOR_PEOPLE_ONLY,
  MSP_ROLES,
  PERMISSION_MEANINGS,
  permissions,
  type Permission,
} from '#libs/platform/access';
import { declaredAccess } from '../../apps/api/access/access.decorators.js';
import { CONTROLLERS } from '../../apps/api/api.module.js';

const INTRODUCTION = `# Who may do what

Generated from \`libs/platform/access/permissions.ts\` by \`npm run contracts\`; the API enforces that very table, and
\`test/integration/api/permission-table.spec.ts\` calls every route as every role and compares.

- A customer’s roles hold at home. A role of the MSP holds for the customers it was granted for: all, a group, or one. Where
  somebody has no role at all, nothing is found (404); where they have another, they are told so (403, \`access.denied\`).
- A key or token may be limited to some actions, never widened.
- A key or machine client does no more than whoever made or entered it may now. What is marked “people only” no machine does, whatever its role.
- An owner grants roles; rules beyond the table stand with the action: nobody decides on their own request, for example.

● may, empty: may not.`;

const SIDES = [
  { kind: 'msp', heading: 'MSP', roles: MSP_ROLES },
  { kind: 'customer', heading: 'customer', roles: CUSTOMER_ROLES },
] as const;

const COLUMNS = SIDES.flatMap(({ kind, heading, roles }) =>
  roles.map((role) => ({ grant: `${kind}:${role}`, title: `${heading}: ${role.replace('_', ' ')}` })),
);

/** docs/permissions.md: role × action, and which route asks for which action. */
export function permissionsDocument(openApi: OpenAPIObject): string {
  const actions = Object.keys(permissions) as Permission[];
  const table = [
    row('Action', 'What it is', 'people only', ...COLUMNS.map(({ title }) => title)),
    row('---', '---', ':-:', ...COLUMNS.map(() => ':-:')),
    ...actions.map((action) => row(`\`${action}\``, PERMISSION_MEANINGS[action], peopleOnly(action), ...marks(action))),
  ];
  return [INTRODUCTION, table.join('\n'), '## Which route asks for what', routeTable(openApi).join('\n'), ''].join(
    '\n\n',
  );
}

function peopleOnly(action: Permission): string {
  return FOR_PEOPLE_ONLY.includes(action) ? '●' : '';
}

function marks(action: Permission): string[] {
  const granted: readonly string[] = permissions[action];
  return COLUMNS.map(({ grant }) => (granted.includes(grant) ? '●' : ''));
}

function routeTable(openApi: OpenAPIObject): string[] {
  const declared = declaredByOperation();
  const routes = Object.entries(openApi.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs as Record<string, { operationId?: string }>).map(([method, { operationId = '' }]) => ({
      route: `${method.toUpperCase()} ${path}`,
      access: declared.get(operationId) ?? 'public',
    })),
  );
  return [
    row('Route', 'Action'),
    row('---', '---'),
    ...routes.map(({ route, access }) =>
      row(`\`${route}\``, access === 'public' ? 'open to everybody' : `\`${access}\``),
    ),
  ];
}

// Nest’s own name for what @ApiOperation() puts at a handler
const OPERATION = 'swagger/apiOperation';

function declaredByOperation(): ReadonlyMap<string, string> {
  const reflector = new Reflector();
  const found = new Map<string, string>();
  for (const { prototype } of CONTROLLERS as readonly { prototype: Record<string, () => unknown> }[])
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const operation = Reflect.getMetadata(OPERATION, prototype[name]!) as { operationId?: string } | undefined;
      if (operation?.operationId)
        found.set(operation.operationId, declaredAccess(reflector, prototype[name]!) ?? 'public');
    }
  return found;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
