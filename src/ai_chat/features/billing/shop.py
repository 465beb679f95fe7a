"""A look at our own shop when we start: what is wrong with its keys or its receipts is better known now than at the first sale."""

import structlog

from ai_chat.features.billing.ports import ProviderProblem
from ai_chat.features.billing.service import ShopAccess

log = structlog.get_logger()


async def check_shop(access: ShopAccess) -> None:
    """Says in the log what an operator should know. Never keeps the product from starting."""
    try:
        shop = await access.payments.shop()
    except ProviderProblem as problem:
        log.warning("the payment provider could not be asked about our shop", problem=str(problem))
        return
    if shop.id != access.shop_id:
        log.error("YOOKASSA_SHOP_ID is not the shop of this key", shop=shop.id)
    if not shop.enabled:
        log.error("the shop is disabled at the payment provider")
    if shop.fiscal and access.receipts is None:
        log.error("the shop must send receipts, and YOOKASSA_RECEIPTS is off: payments will be refused")
    if access.receipts is not None and not shop.fiscal:
        log.warning("YOOKASSA_RECEIPTS is on, and the shop does not register receipts")
    log.info("payments are open", shop=shop.id, test=shop.test)
