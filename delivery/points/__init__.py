"""Pick-up points: a partner's counter where one fetches the goods of many shops in one go (docs/decisions/016)."""
