# Build:  docker build -t loquet .
# Run:    docker run -p 127.0.0.1:3000:3000 -v loquet:/data -e LOQUET_URL=https://acces.example.org \
#           -e LOQUET_TRUSTED_PROXIES=172.17.0.0/16 -e SMTP_URL=… -e LOQUET_MAIL_FROM=… -e LOQUET_SMS_URL=… loquet
# A proxy in front of it ends TLS: see deploy/nginx.conf and deploy/Caddyfile. Settings: docs/operating.md.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Nothing here needs an install script, and the image brings its own Node.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node node_modules/.bin/node
COPY . .
RUN node scripts/build.js

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 LOQUET_DATA=/data
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
COPY --from=build /app/locales locales
COPY --from=build /app/presets presets
COPY --from=build /app/legal legal
COPY --from=build /app/help help
COPY --from=build /app/src/store/migrations src/store/migrations
RUN ln -s /app/bin/loquet.js /usr/local/bin/loquet && mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
# The program drains at SIGTERM; give it longer than its own limit.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/loquet.js", "serve"]
