"""A site of chosen series: plain files that need no server and no script, with addresses to cite that never change."""
