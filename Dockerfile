# Build: everything, with a compiler for better-sqlite3.
FROM node:24-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NUXT_TELEMETRY_DISABLED=1
# Packages first: this layer stays while the lock file does. Of their install scripts only the one that compiles SQLite is wanted.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts && npm rebuild better-sqlite3
COPY . .
RUN npm run build

# Run: the built server alone, as its own user, one volume.
FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 CHATLY_DATA=/data
WORKDIR /app
COPY --from=build /app/.output ./
COPY LICENSE ./
RUN mkdir -p /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/up`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Not through npm or a shell: SIGTERM must reach the server.
CMD ["node", "server/index.mjs"]
