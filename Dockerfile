# One image for api, bridge, worker and the migration; docker-compose.yml says which program a container runs.
# Debian with glibc, because Temporal's native core is not built for Alpine's libc.
ARG NODE_IMAGE=node:24.11.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Nothing here runs PostgreSQL or the tests: their install scripts are not needed.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json nest-cli.json ./
COPY apps apps
COPY libs libs
COPY workflows workflows
COPY tools tools
RUN npm run build && npm run sbom

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE} AS run
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE* NOTICE* ./
# The ordinary user that the base image brings.
USER node
EXPOSE 8080
CMD ["node", "--enable-source-maps", "dist/apps/api/main.js"]
