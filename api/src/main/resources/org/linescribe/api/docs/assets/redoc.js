'use strict';
Redoc.init('openapi.json', {
  // Fonts of the reader's system: nothing is fetched from elsewhere.
  theme: {
    typography: {
      fontFamily: 'system-ui, sans-serif',
      headings: { fontFamily: 'system-ui, sans-serif' },
      code: { fontFamily: 'ui-monospace, monospace' },
    },
  },
}, document.getElementById('redoc'));
