import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const api = process.env.API_URL ?? "http://localhost:3001";

/** KaTeX offers each font in three formats; every browser that can run this app reads the first. */
const onlyWoff2: Plugin = {
  name: "only-woff2",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("katex") || !id.includes(".css")) return null;
    return code.replace(/,url\([^)]+\.(?:woff|ttf)\) format\("\w+"\)/g, "");
  },
};

export default defineConfig({
  plugins: [onlyWoff2, react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    port: 3000,
    proxy: Object.fromEntries(
      ["/api", "/v1", "/health", "/metrics"].map((path) => [path, { target: api }]),
    ),
  },
  build: {
    outDir: fileURLToPath(new URL("../src/ai_chat/web_dist", import.meta.url)),
    emptyOutDir: true,
    // The list of what each entry loads; the budget script reads it.
    manifest: true,
    // Inlined assets would be data: URLs, which the Content-Security-Policy refuses.
    assetsInlineLimit: 0,
    target: "es2022",
    rolldownOptions: {
      // The stylesheet of the pages that the server writes is built beside the app.
      input: [
        fileURLToPath(new URL("./index.html", import.meta.url)),
        fileURLToPath(new URL("./src/styles/landing.css", import.meta.url)),
      ],
      output: {
        // Libraries change less often than we do; browsers keep them over our releases.
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: "router", test: /node_modules\/@tanstack\/(react-router|router-core|history)/ },
            { name: "query", test: /node_modules\/@tanstack\/(react-query|query-core)/ },
            {
              name: "ui",
              test: /node_modules\/(@base-ui|@floating-ui|tabbable|use-sync-external-store|reselect)/,
            },
            { name: "text", test: /node_modules\/(i18next|react-i18next|marked|html-parse)/ },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    // One jsdom for all files: starting it is most of the time. Tests clean up after themselves.
    pool: "threads",
    isolate: false,
    setupFiles: ["./src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
