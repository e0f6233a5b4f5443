# syntax=docker/dockerfile:1
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

FROM node:24-slim
LABEL org.opencontainers.image.title="brokertap" \
      org.opencontainers.image.description="Log-capture probe and forwarder for MQTT brokers" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force
COPY bin ./bin
COPY --from=build /app/dist ./dist
RUN mkdir -p /var/lib/brokertap && chown node:node /var/lib/brokertap && ln -s /app/bin/brokertap.js /usr/local/bin/brokertap
ENV NODE_ENV=production \
    BROKERTAP_STATE=/var/lib/brokertap \
    TMPDIR=/var/lib/brokertap \
    BROKERTAP_LISTEN=0.0.0.0:9641
USER node
VOLUME /var/lib/brokertap
EXPOSE 9641
# Asks on the socket in the state directory: wherever the probe listens, or nowhere. A configuration that names another state needs another check.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "-e", "require('node:http').get({ socketPath: process.env.BROKERTAP_STATE + '/control.sock', path: '/health/live' }, (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/brokertap.js"]
CMD ["run"]
