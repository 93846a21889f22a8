throw new Error('thrown on purpose, while loading');
