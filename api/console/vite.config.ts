import { defineConfig } from "vite";

// Relative addresses only: the console works behind a proxy's path too. Nothing is inlined, because the
// Content-Security-Policy allows files of this gateway and nothing else.
export default defineConfig({
  base: "./",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    outDir: "dist",
    assetsDir: "console/assets",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // npm run dev: the pages from here, everything else from a gateway that runs beside it.
  server: {
    proxy: Object.fromEntries(
      ["/sessions", "/ws", "/health", "/system", "/audio", "/calls", "/recordings", "/search", "/keys", "/webhooks", "/models", "/api", "/static", "/docs", "/redoc"].map((path) => [
        path,
        { target: "http://127.0.0.1:8000", ws: true },
      ]),
    ),
  },
});
