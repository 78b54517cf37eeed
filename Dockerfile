# The image of every Plumbline service: docker build -t plumbline:0.1.0 .
# Node comes from the slim image of Node 24 and stands alone on Debian: npm, its cache and the headers stay behind. The steps between
# here and the last stage are replayed in a clean folder by rehearsals/dockerfile.test.ts, which also measures what they leave.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY . .
RUN npm run --silent build

FROM node:24.21.0-bookworm-slim AS production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The Node that npm brings for machines without one goes; serialport, optional like it, stays with the prebuilt binary of this platform.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error \
 && rm -rf node_modules/node-linux-* node_modules/node-darwin-* node_modules/.bin/node node_modules/.cache node_modules/@types \
 && find node_modules/@serialport/bindings-cpp/prebuilds -mindepth 1 -maxdepth 1 ! -name "linux-$(node -p process.arch)" -exec rm -rf {} + \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) -delete

FROM debian:12.12-slim
LABEL org.opencontainers.image.title="Plumbline" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 1000 plumbline && useradd --uid 1000 --gid 1000 --no-create-home --shell /usr/sbin/nologin plumbline \
 && install -d -o plumbline -g plumbline -m 700 /data
WORKDIR /app
COPY --from=production /usr/local/bin/node /usr/local/bin/node
COPY --from=production /app/node_modules ./node_modules
COPY --from=build /app/dashboards/console/dist ./dashboards/console/dist
COPY . .
# Compiled code of the first start is kept for the next where /tmp is kept; the file system of the image is never written.
ENV NODE_ENV=production NODE_COMPILE_CACHE=/tmp/node-cache
USER 1000:1000
VOLUME /data
ENTRYPOINT ["/app/plumbline"]
CMD ["start", "--site", "/etc/plumbline/site.yaml", "--data", "/data"]
