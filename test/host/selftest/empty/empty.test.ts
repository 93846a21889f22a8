describe('no test at all, on purpose', () => {});
