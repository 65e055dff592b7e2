"""the market"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('category',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('icon', sa.String(length=40), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('prohibited', sa.Boolean(), nullable=False),
    sa.Column('product_count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_category')),
    sa.UniqueConstraint('slug', name=op.f('uq_category_slug'))
    )
    op.create_table('gazetteer_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('house_number', sa.String(length=12), nullable=False),
    sa.Column('zip', sa.String(length=10), nullable=False),
    sa.Column('district', sa.String(length=80), nullable=False),
    sa.Column('municipality', sa.String(length=80), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=False),
    sa.Column('accuracy_m', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=120), nullable=False),
    sa.Column('licence', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gazetteer_entry'))
    )
    with op.batch_alter_table('gazetteer_entry', schema=None) as batch_op:
        batch_op.create_index('ix_gazetteer_entry_key', ['key', 'municipality'], unique=False)

    op.create_table('mail',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('recipient', sa.String(length=254), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('message_id', sa.String(length=200), nullable=False),
    sa.Column('mime', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail')),
    sa.UniqueConstraint('key', name=op.f('uq_mail_key'))
    )
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_queued_at'), ['queued_at'], unique=False)

    op.create_table('merchant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('status', sa.Enum('draft', 'active', 'paused', 'closed', name='merchantstatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('legal_name', sa.String(length=160), nullable=False),
    sa.Column('legal_form', sa.String(length=60), nullable=False),
    sa.Column('represented_by', sa.String(length=160), nullable=False),
    sa.Column('street', sa.String(length=120), nullable=False),
    sa.Column('zip', sa.String(length=10), nullable=False),
    sa.Column('city', sa.String(length=80), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('register', sa.String(length=120), nullable=False),
    sa.Column('tax_number', sa.String(length=40), nullable=False),
    sa.Column('vat_id', sa.String(length=14), nullable=False),
    sa.Column('vat_id_verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('small_business', sa.Boolean(), nullable=False),
    sa.Column('supervisory_authority', sa.String(length=160), nullable=False),
    sa.Column('organic_control', sa.String(length=40), nullable=False),
    sa.Column('lucid_number', sa.String(length=40), nullable=False),
    sa.Column('dispute_settlement', sa.Boolean(), nullable=False),
    sa.Column('pays_return', sa.Boolean(), nullable=False),
    sa.Column('collects_return', sa.Boolean(), nullable=False),
    sa.Column('payout_account', sa.String(length=80), nullable=False),
    sa.Column('payout_ready', sa.Boolean(), nullable=False),
    sa.Column('offers_invoice', sa.Boolean(), nullable=False),
    sa.Column('answer_within_h', sa.Integer(), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('demo', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchant')),
    sa.UniqueConstraint('slug', name=op.f('uq_merchant_slug'))
    )
    with op.batch_alter_table('merchant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_merchant_status'), ['status'], unique=False)

    op.create_table('number_series',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.CheckConstraint('last >= 0', name=op.f('ck_number_series_last_not_negative')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_number_series'))
    )
    op.create_table('outbox_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('topic', sa.String(length=120), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dead_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.CheckConstraint('attempts >= 0', name=op.f('ck_outbox_message_attempts_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_message')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_message_key'))
    )
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_message_dead_at'), ['dead_at'], unique=False)
        batch_op.create_index('ix_outbox_message_waiting', ['due_at'], unique=False, postgresql_where=sa.text('done_at IS NULL AND dead_at IS NULL'), sqlite_where=sa.text('done_at IS NULL AND dead_at IS NULL'))

    op.create_table('rate_bucket',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('window_start', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hits', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'window_start', name=op.f('pk_rate_bucket'))
    )
    op.create_table('search_word',
    sa.Column('word', sa.String(length=60), nullable=False),
    sa.Column('folded', sa.String(length=60), nullable=False),
    sa.Column('stem', sa.String(length=60), nullable=False),
    sa.Column('products', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('word', name=op.f('pk_search_word'))
    )
    with op.batch_alter_table('search_word', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_search_word_folded'), ['folded'], unique=False)
        batch_op.create_index(batch_op.f('ix_search_word_stem'), ['stem'], unique=False)

    op.create_table('setting',
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_setting'))
    )
    op.create_table('special_open_day',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('opens', sa.Time(), nullable=False),
    sa.Column('closes', sa.Time(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_special_open_day'))
    )
    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('street', sa.String(length=120), nullable=False),
    sa.Column('zip', sa.String(length=10), nullable=False),
    sa.Column('city', sa.String(length=80), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('session_key', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('demo', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('email', name=op.f('uq_user_email')),
    sa.UniqueConstraint('session_key', name=op.f('uq_user_session_key'))
    )
    op.create_table('webhook_event',
    sa.Column('id', sa.String(length=120), nullable=False),
    sa.Column('type', sa.String(length=80), nullable=False),
    sa.Column('reference', sa.String(length=120), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_event'))
    )
    with op.batch_alter_table('webhook_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_webhook_event_received_at'), ['received_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_webhook_event_reference'), ['reference'], unique=False)

    op.create_table('withdrawal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=12), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('order_text', sa.String(length=120), nullable=False),
    sa.Column('lines_text', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_withdrawal')),
    sa.UniqueConstraint('reference', name=op.f('uq_withdrawal_reference'))
    )
    op.create_table('zone',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('fee', sa.BigInteger(), nullable=False),
    sa.Column('minimum', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_zone')),
    sa.UniqueConstraint('slug', name=op.f('uq_zone_slug'))
    )
    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(length=80), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=True),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_audit_entry_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_merchant_id'), ['merchant_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_subject'), ['subject'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_user_id'), ['user_id'], unique=False)

    op.create_table('cart',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('draft', sa.JSON(), nullable=False),
    sa.Column('undo', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_cart_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cart')),
    sa.UniqueConstraint('token', name=op.f('uq_cart_token')),
    sa.UniqueConstraint('user_id', name=op.f('uq_cart_user_id'))
    )
    with op.batch_alter_table('cart', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cart_touched_at'), ['touched_at'], unique=False)

    op.create_table('consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.String(length=254), nullable=False),
    sa.Column('purpose', sa.String(length=60), nullable=False),
    sa.Column('text_version', sa.String(length=64), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_consent_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consent_user_id'), ['user_id'], unique=False)

    op.create_table('invoice_customer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_invoice_customer_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_customer')),
    sa.UniqueConstraint('merchant_id', 'email', name=op.f('uq_invoice_customer_merchant_id_email'))
    )
    with op.batch_alter_table('invoice_customer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invoice_customer_email'), ['email'], unique=False)

    op.create_table('membership',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=False),
    sa.Column('owner', sa.Boolean(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_membership_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_membership_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'merchant_id', name=op.f('pk_membership'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_merchant_id'), ['merchant_id'], unique=False)

    op.create_table('order',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('form_token', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.Enum('web', 'phone', 'counter', 'paper', name='source', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hold_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('payment_method', sa.Enum('online', 'in_shop', 'invoice', name='paymentmethod', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('channel', sa.Enum('mail', 'phone', 'letter', name='channel', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('street', sa.String(length=120), nullable=False),
    sa.Column('zip', sa.String(length=10), nullable=False),
    sa.Column('city', sa.String(length=80), nullable=False),
    sa.Column('goods', sa.BigInteger(), nullable=False),
    sa.Column('deposit', sa.BigInteger(), nullable=False),
    sa.Column('delivery_fee', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('age_declared', sa.Integer(), nullable=False),
    sa.Column('legal', sa.JSON(), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('total = goods + deposit + delivery_fee', name=op.f('ck_order_total_adds_up')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_order_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order')),
    sa.UniqueConstraint('form_token', name=op.f('uq_order_form_token')),
    sa.UniqueConstraint('key', name=op.f('uq_order_key')),
    sa.UniqueConstraint('number', name=op.f('uq_order_number'))
    )
    with op.batch_alter_table('order', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_email'), ['email'], unique=False)
        batch_op.create_index('ix_order_holds', ['hold_until', 'confirmed_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_placed_at'), ['placed_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_user_id'), ['user_id'], unique=False)

    op.create_table('product',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=8), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('sort_key', sa.String(length=140).with_variant(sa.String(length=140, collation='C'), 'postgresql'), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('status', sa.Enum('draft', 'published', 'paused', 'archived', name='productstatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('availability', sa.Enum('counted', 'states', 'quota', 'to_order', name='availability', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('lead_days', sa.Integer(), nullable=False),
    sa.Column('order_until', sa.Time(), nullable=True),
    sa.Column('order_days_before', sa.Integer(), nullable=False),
    sa.Column('vat_class', sa.Enum('standard', 'reduced', name='vatclass', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('withdrawal_class', sa.Enum('standard', 'custom_made', 'perishable', 'sealed_hygiene', 'sealed_media', 'press', 'dated_service', name='withdrawalclass', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('deposit_kind', sa.Enum('single_use', 'reusable', name='depositkind', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('temperature', sa.Enum('ambient', 'chilled', 'frozen', name='temperature', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('condition', sa.Enum('new', 'used', name='condition', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('deviation', sa.String(length=300), nullable=False),
    sa.Column('min_age', sa.Integer(), nullable=False),
    sa.Column('origin', sa.String(length=120), nullable=False),
    sa.Column('isbn', sa.String(length=13), nullable=False),
    sa.Column('price_bound', sa.Boolean(), nullable=False),
    sa.Column('allergens', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('food', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('safety', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('fibres', sa.String(length=200), nullable=False),
    sa.Column('price_from', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('min_age IN (0, 16, 18)', name=op.f('ck_product_min_age_known')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_product_category_id_category')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_product_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product')),
    sa.UniqueConstraint('code', name=op.f('uq_product_code'))
    )
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_product_category_id'), ['category_id'], unique=False)
        batch_op.create_index('ix_product_cheapest', ['status', 'price_from', 'id'], unique=False)
        batch_op.create_index('ix_product_merchant', ['merchant_id', 'status', 'published_at', 'id'], unique=False)
        batch_op.create_index('ix_product_name', ['status', 'sort_key', 'id'], unique=False)
        batch_op.create_index('ix_product_newest', ['status', 'published_at', 'id'], unique=False)
        batch_op.create_index('ix_product_shelf', ['status', 'category_id', 'published_at', 'id'], unique=False)
        batch_op.create_index('ix_product_shelf_price', ['status', 'category_id', 'price_from', 'id'], unique=False)

    op.create_table('shop',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('tagline', sa.String(length=160), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('line_of_business', sa.String(length=80), nullable=False),
    sa.Column('street', sa.String(length=120), nullable=False),
    sa.Column('house_number', sa.String(length=12), nullable=False),
    sa.Column('zip', sa.String(length=10), nullable=False),
    sa.Column('city', sa.String(length=80), nullable=False),
    sa.Column('district', sa.String(length=80), nullable=False),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('accuracy_m', sa.Integer(), nullable=True),
    sa.Column('pin_source', sa.Enum('manual', 'address', 'street', 'place', 'none', name='pinsource', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('entrance', sa.String(length=200), nullable=False),
    sa.Column('back_door', sa.String(length=200), nullable=False),
    sa.Column('bell', sa.String(length=120), nullable=False),
    sa.Column('contact_name', sa.String(length=120), nullable=False),
    sa.Column('contact_phone', sa.String(length=40), nullable=False),
    sa.Column('parking', sa.String(length=200), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('website', sa.String(length=200), nullable=False),
    sa.Column('accessibility', sa.JSON(), nullable=False),
    sa.Column('checked_on', sa.Date(), nullable=True),
    sa.Column('setup_s', sa.Integer(), nullable=False),
    sa.Column('sunday_exception', sa.Boolean(), nullable=False),
    sa.Column('pickup', sa.Boolean(), nullable=False),
    sa.Column('delivers', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_shop_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shop')),
    sa.UniqueConstraint('slug', name=op.f('uq_shop_slug'))
    )
    with op.batch_alter_table('shop', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shop_active'), ['active'], unique=False)
        batch_op.create_index(batch_op.f('ix_shop_merchant_id'), ['merchant_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_shop_name'), ['name'], unique=False)

    op.create_table('user_role',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('courier', 'caretaker', 'editor', 'operator', name='role', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_user_role_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'role', name=op.f('pk_user_role'))
    )
    op.create_table('vehicle',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.Enum('cargo_bike', 'van', name='vehiclekind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('max_weight_g', sa.Integer(), nullable=False),
    sa.Column('max_volume_ml', sa.Integer(), nullable=False),
    sa.Column('max_cooled_ml', sa.Integer(), nullable=False),
    sa.Column('depot_lat', sa.Double(), nullable=False),
    sa.Column('depot_lon', sa.Double(), nullable=False),
    sa.Column('shift_from', sa.Time(), nullable=False),
    sa.Column('shift_to', sa.Time(), nullable=False),
    sa.Column('driver_id', sa.Integer(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.CheckConstraint('shift_from < shift_to', name=op.f('ck_vehicle_shift_starts_before_it_ends')),
    sa.ForeignKeyConstraint(['driver_id'], ['user.id'], name=op.f('fk_vehicle_driver_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vehicle')),
    sa.UniqueConstraint('name', name=op.f('uq_vehicle_name'))
    )
    op.create_table('window_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('starts', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.Column('cutoff_minutes', sa.Integer(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('minimum_orders', sa.Integer(), nullable=False),
    sa.Column('surcharge', sa.BigInteger(), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.CheckConstraint('capacity >= 0', name=op.f('ck_window_template_capacity_not_negative')),
    sa.CheckConstraint('starts < ends', name=op.f('ck_window_template_starts_before_it_ends')),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_window_template_weekday_known')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_window_template_zone_id_zone')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_window_template'))
    )
    op.create_table('zone_place',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=False),
    sa.Column('zip', sa.String(length=10), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_zone_place_zone_id_zone'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_zone_place')),
    sa.UniqueConstraint('zip', 'key', name=op.f('uq_zone_place_zip_key'))
    )
    with op.batch_alter_table('zone_place', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_zone_place_zone_id'), ['zone_id'], unique=False)

    op.create_table('call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Enum('mail', 'phone', 'letter', name='channel', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['done_by_id'], ['user.id'], name=op.f('fk_call_done_by_id_user')),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_call_order_id_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call')),
    sa.UniqueConstraint('key', name=op.f('uq_call_key'))
    )
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_call_order_id'), ['order_id'], unique=False)

    op.create_table('delivery',
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('recipient', sa.String(length=120), nullable=False),
    sa.Column('care_of', sa.String(length=120), nullable=False),
    sa.Column('house', sa.String(length=120), nullable=False),
    sa.Column('ward', sa.String(length=120), nullable=False),
    sa.Column('bell', sa.String(length=120), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('street', sa.String(length=120), nullable=False),
    sa.Column('zip', sa.String(length=10), nullable=False),
    sa.Column('city', sa.String(length=80), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('card_text', sa.String(length=300), nullable=False),
    sa.Column('drop_off', sa.String(length=160), nullable=False),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('accuracy_m', sa.Integer(), nullable=True),
    sa.Column('matched', sa.String(length=160), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('starts', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_delivery_order_id_order')),
    sa.PrimaryKeyConstraint('order_id', name=op.f('pk_delivery'))
    )
    op.create_table('delivery_window',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('template_id', sa.Integer(), nullable=True),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('starts', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.Column('cutoff_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('booked', sa.Integer(), nullable=False),
    sa.Column('minimum_orders', sa.Integer(), nullable=False),
    sa.Column('surcharge', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('open', 'closed', 'planned', 'cancelled', name='windowstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('planned_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('booked <= capacity', name=op.f('ck_delivery_window_not_overbooked')),
    sa.CheckConstraint('booked >= 0', name=op.f('ck_delivery_window_booked_not_negative')),
    sa.CheckConstraint('starts < ends', name=op.f('ck_delivery_window_starts_before_it_ends')),
    sa.ForeignKeyConstraint(['template_id'], ['window_template.id'], name=op.f('fk_delivery_window_template_id_window_template'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_delivery_window_zone_id_zone')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_window')),
    sa.UniqueConstraint('day', 'starts', 'ends', 'zone_id', name=op.f('uq_delivery_window_day_starts_ends_zone_id')),
    sa.UniqueConstraint('template_id', 'day', name=op.f('uq_delivery_window_template_id_day'))
    )
    with op.batch_alter_table('delivery_window', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_window_day'), ['day'], unique=False)
        batch_op.create_index('ix_delivery_window_state', ['state', 'cutoff_at'], unique=False)

    op.create_table('hours_exception',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('opens', sa.Time(), nullable=True),
    sa.Column('closes', sa.Time(), nullable=True),
    sa.Column('note', sa.String(length=120), nullable=False),
    sa.CheckConstraint('(opens IS NULL) = (closes IS NULL)', name=op.f('ck_hours_exception_both_times_or_none')),
    sa.CheckConstraint('first_day <= last_day', name=op.f('ck_hours_exception_starts_before_it_ends')),
    sa.CheckConstraint('opens IS NULL OR opens < closes', name=op.f('ck_hours_exception_opens_before_it_closes')),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_hours_exception_shop_id_shop'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hours_exception'))
    )
    with op.batch_alter_table('hours_exception', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hours_exception_shop_id'), ['shop_id'], unique=False)

    op.create_table('merchant_order',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('mode', sa.Enum('purchase', 'reservation', name='mode', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('fulfilment', sa.Enum('pickup', 'delivery', name='fulfilment', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('state', sa.Enum('placed', 'accepted', 'rejected', 'expired', 'cancelled', 'ready', 'with_courier', 'handed_over', 'closed', name='partstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer_by', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('collect_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('code', sa.String(length=6), nullable=False),
    sa.Column('code_tries', sa.Integer(), nullable=False),
    sa.Column('code_locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('short_number', sa.Integer(), nullable=True),
    sa.Column('bags', sa.Integer(), nullable=False),
    sa.Column('goods', sa.BigInteger(), nullable=False),
    sa.Column('deposit', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('delivery_share', sa.BigInteger(), nullable=False),
    sa.Column('refunded', sa.BigInteger(), nullable=False),
    sa.Column('min_age', sa.Integer(), nullable=False),
    sa.Column('age_checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('age_checked_by_id', sa.Integer(), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('handed_over_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancel_requested_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('failed_reason', sa.String(length=300), nullable=False),
    sa.CheckConstraint('refunded <= total + delivery_share', name=op.f('ck_merchant_order_not_over_refunded')),
    sa.CheckConstraint('total = goods + deposit', name=op.f('ck_merchant_order_total_adds_up')),
    sa.ForeignKeyConstraint(['age_checked_by_id'], ['user.id'], name=op.f('fk_merchant_order_age_checked_by_id_user')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_merchant_order_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_merchant_order_order_id_order')),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_merchant_order_shop_id_shop')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchant_order')),
    sa.UniqueConstraint('day', 'short_number', name=op.f('uq_merchant_order_day_short_number')),
    sa.UniqueConstraint('order_id', 'merchant_id', 'shop_id', name=op.f('uq_merchant_order_order_id_merchant_id_shop_id'))
    )
    with op.batch_alter_table('merchant_order', schema=None) as batch_op:
        batch_op.create_index('ix_merchant_order_answer', ['state', 'answer_by'], unique=False)
        batch_op.create_index('ix_merchant_order_inbox', ['merchant_id', 'state', 'due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_merchant_order_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_merchant_order_shop_id'), ['shop_id'], unique=False)

    op.create_table('opening',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(length=160), nullable=False),
    sa.Column('kind', sa.Enum('planned', 'pop_up', 'opened', 'moved', 'new_owner', 'new_hours', 'closing', 'closed', name='openingkind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('moderation', sa.Enum('proposed', 'published', 'rejected', 'withdrawn', name='moderation', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('proposed_by_id', sa.Integer(), nullable=True),
    sa.Column('merchant_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.CheckConstraint('ends_on IS NULL OR starts_on <= ends_on', name=op.f('ck_opening_starts_before_it_ends')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_opening_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['user.id'], name=op.f('fk_opening_proposed_by_id_user')),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_opening_shop_id_shop')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opening')),
    sa.UniqueConstraint('uid', name=op.f('uq_opening_uid'))
    )
    with op.batch_alter_table('opening', schema=None) as batch_op:
        batch_op.create_index('ix_opening_feed', ['moderation', 'starts_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_opening_merchant_id'), ['merchant_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_opening_shop_id'), ['shop_id'], unique=False)

    op.create_table('opening_hours',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('opens', sa.Time(), nullable=False),
    sa.Column('closes', sa.Time(), nullable=False),
    sa.CheckConstraint('opens < closes', name=op.f('ck_opening_hours_opens_before_it_closes')),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_opening_hours_weekday_known')),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_opening_hours_shop_id_shop'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opening_hours'))
    )
    with op.batch_alter_table('opening_hours', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_opening_hours_shop_id'), ['shop_id'], unique=False)

    op.create_table('payment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('open', 'processing', 'paid', 'failed', 'expired', name='paymentstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('idempotency_key', sa.String(length=80), nullable=False),
    sa.Column('reference', sa.String(length=120), nullable=True),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('intent', sa.String(length=120), nullable=True),
    sa.Column('charge', sa.String(length=120), nullable=True),
    sa.Column('refunded', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount > 0', name=op.f('ck_payment_amount_positive')),
    sa.CheckConstraint('refunded >= 0 AND refunded <= amount', name=op.f('ck_payment_not_over_refunded')),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_payment_order_id_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_payment_idempotency_key')),
    sa.UniqueConstraint('order_id', 'attempt', name=op.f('uq_payment_order_id_attempt')),
    sa.UniqueConstraint('reference', name=op.f('uq_payment_reference'))
    )
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_intent'), ['intent'], unique=False)

    op.create_table('picture',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('alt', sa.String(length=200), nullable=False),
    sa.Column('symbolic', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_picture_product_id_product'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_picture'))
    )
    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_picture_product_id'), ['product_id'], unique=False)

    op.create_table('planning',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('claim', sa.String(length=64), nullable=True),
    sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('problem', sa.JSON(), nullable=True),
    sa.Column('planned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('planned_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['planned_by_id'], ['user.id'], name=op.f('fk_planning_planned_by_id_user')),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_planning'))
    )
    op.create_table('run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=False),
    sa.Column('courier_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('planned', 'started', 'finished', 'discarded', name='runstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('distance_m', sa.Integer(), nullable=False),
    sa.Column('travel_s', sa.Integer(), nullable=False),
    sa.Column('plan', sa.JSON(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['courier_id'], ['user.id'], name=op.f('fk_run_courier_id_user')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_run_vehicle_id_vehicle')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run')),
    sa.UniqueConstraint('code', name=op.f('uq_run_code'))
    )
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.create_index('ix_run_courier', ['courier_id', 'day'], unique=False)
        batch_op.create_index(batch_op.f('ix_run_day'), ['day'], unique=False)

    op.create_table('search_entry',
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('head', sa.Text(), nullable=False),
    sa.Column('rest', sa.Text(), nullable=False),
    sa.Column('words', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_search_entry_product_id_product'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_search_entry'))
    )
    op.create_table('variant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('gtin', sa.String(length=14), nullable=False),
    sa.Column('sku', sa.String(length=40), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.Column('deposit', sa.BigInteger(), nullable=False),
    sa.Column('content', sa.Integer(), nullable=False),
    sa.Column('unit', sa.Enum('g', 'ml', 'mm', 'piece', name='unit', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('weight_g', sa.Integer(), nullable=False),
    sa.Column('volume_ml', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.CheckConstraint('content > 0', name=op.f('ck_variant_content_positive')),
    sa.CheckConstraint('deposit >= 0', name=op.f('ck_variant_deposit_not_negative')),
    sa.CheckConstraint('price >= 0', name=op.f('ck_variant_price_not_negative')),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_variant_product_id_product'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variant'))
    )
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_variant_gtin'), ['gtin'], unique=False)
        batch_op.create_index(batch_op.f('ix_variant_product_id'), ['product_id'], unique=False)

    op.create_table('booking',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=False),
    sa.Column('booked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rolled_over', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_booking_order_id_order')),
    sa.ForeignKeyConstraint(['window_id'], ['delivery_window.id'], name=op.f('fk_booking_window_id_delivery_window')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_booking_zone_id_zone')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_booking')),
    sa.UniqueConstraint('order_id', name=op.f('uq_booking_order_id'))
    )
    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_booking_window_id'), ['window_id'], unique=False)

    op.create_table('cart_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('cart_id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('substitution', sa.Enum('leave_out', 'call', 'replace', name='substitution', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('quantity BETWEEN 1 AND 999', name=op.f('ck_cart_line_quantity_sane')),
    sa.ForeignKeyConstraint(['cart_id'], ['cart.id'], name=op.f('fk_cart_line_cart_id_cart'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_cart_line_variant_id_variant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cart_line')),
    sa.UniqueConstraint('cart_id', 'variant_id', name=op.f('uq_cart_line_cart_id_variant_id'))
    )
    with op.batch_alter_table('cart_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cart_line_variant_id'), ['variant_id'], unique=False)

    op.create_table('courier_result',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_courier_result_run_id_run')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_courier_result'))
    )
    with op.batch_alter_table('courier_result', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_courier_result_run_id'), ['run_id'], unique=False)

    op.create_table('invoice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=False),
    sa.Column('part_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_invoice_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['part_id'], ['merchant_order.id'], name=op.f('fk_invoice_part_id_merchant_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice')),
    sa.UniqueConstraint('merchant_id', 'number', name=op.f('uq_invoice_merchant_id_number'))
    )
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invoice_part_id'), ['part_id'], unique=False)

    op.create_table('ledger_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('target', sa.String(length=40), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('part_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('amount > 0', name=op.f('ck_ledger_entry_amount_positive')),
    sa.CheckConstraint('source <> target', name=op.f('ck_ledger_entry_two_accounts')),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_ledger_entry_order_id_order')),
    sa.ForeignKeyConstraint(['part_id'], ['merchant_order.id'], name=op.f('fk_ledger_entry_part_id_merchant_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry')),
    sa.UniqueConstraint('key', name=op.f('uq_ledger_entry_key'))
    )
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_entry_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entry_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entry_part_id'), ['part_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entry_source'), ['source'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entry_target'), ['target'], unique=False)

    op.create_table('opening_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('opening_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('change', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_opening_event_by_user_id_user')),
    sa.ForeignKeyConstraint(['opening_id'], ['opening.id'], name=op.f('fk_opening_event_opening_id_opening'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opening_event'))
    )
    with op.batch_alter_table('opening_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_opening_event_opening_id'), ['opening_id'], unique=False)

    op.create_table('part_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('part_id', sa.Integer(), nullable=False),
    sa.Column('before', sa.Enum('placed', 'accepted', 'rejected', 'expired', 'cancelled', 'ready', 'with_courier', 'handed_over', 'closed', name='before_known', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('after', sa.Enum('placed', 'accepted', 'rejected', 'expired', 'cancelled', 'ready', 'with_courier', 'handed_over', 'closed', name='after_known', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('by', sa.String(length=20), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_part_event_by_user_id_user')),
    sa.ForeignKeyConstraint(['part_id'], ['merchant_order.id'], name=op.f('fk_part_event_part_id_merchant_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_part_event'))
    )
    with op.batch_alter_table('part_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_part_event_part_id'), ['part_id'], unique=False)

    op.create_table('price_point',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_price_point_variant_id_variant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_point'))
    )
    with op.batch_alter_table('price_point', schema=None) as batch_op:
        batch_op.create_index('ix_price_point_variant', ['variant_id', 'valid_from'], unique=False)

    op.create_table('refund',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('payment_id', sa.Integer(), nullable=False),
    sa.Column('part_id', sa.Integer(), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('goods', sa.BigInteger(), nullable=False),
    sa.Column('fee', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('pending', 'done', 'failed', name='outgoingstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('reference', sa.String(length=120), nullable=True),
    sa.Column('reversal', sa.BigInteger(), nullable=False),
    sa.Column('commission', sa.BigInteger(), nullable=False),
    sa.Column('reversal_attempt', sa.Integer(), nullable=False),
    sa.Column('reversal_state', sa.Enum('pending', 'done', 'failed', name='reversal_state_known', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('reversal_reference', sa.String(length=120), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount > 0', name=op.f('ck_refund_amount_positive')),
    sa.ForeignKeyConstraint(['part_id'], ['merchant_order.id'], name=op.f('fk_refund_part_id_merchant_order')),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_refund_payment_id_payment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund')),
    sa.UniqueConstraint('key', name=op.f('uq_refund_key')),
    sa.UniqueConstraint('reference', name=op.f('uq_refund_reference')),
    sa.UniqueConstraint('reversal_reference', name=op.f('uq_refund_reversal_reference'))
    )
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refund_part_id'), ['part_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_payment_id'), ['payment_id'], unique=False)

    op.create_table('stock',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('in_shop', 'on_request', 'out', name='stockstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('quantity >= 0', name=op.f('ck_stock_quantity_not_negative')),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_stock_shop_id_shop')),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_stock_variant_id_variant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock')),
    sa.UniqueConstraint('variant_id', 'shop_id', name=op.f('uq_stock_variant_id_shop_id'))
    )
    with op.batch_alter_table('stock', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stock_shop_id'), ['shop_id'], unique=False)

    op.create_table('stop',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('pickup', 'drop', name='stopkind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=True),
    sa.Column('door', sa.String(length=240), nullable=False),
    sa.Column('arrives_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('leaves_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_stop_run_id_run')),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_stop_shop_id_shop')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stop')),
    sa.UniqueConstraint('run_id', 'position', name=op.f('uq_stop_run_id_position'))
    )
    with op.batch_alter_table('stop', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stop_shop_id'), ['shop_id'], unique=False)

    op.create_table('transfer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('part_id', sa.Integer(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('commission', sa.BigInteger(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('pending', 'done', 'failed', name='outgoingstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('reference', sa.String(length=120), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount > 0', name=op.f('ck_transfer_amount_positive')),
    sa.ForeignKeyConstraint(['part_id'], ['merchant_order.id'], name=op.f('fk_transfer_part_id_merchant_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfer')),
    sa.UniqueConstraint('part_id', name=op.f('uq_transfer_part_id')),
    sa.UniqueConstraint('reference', name=op.f('uq_transfer_reference'))
    )
    op.create_table('unserved',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('rolled_to_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_unserved_order_id_order')),
    sa.ForeignKeyConstraint(['rolled_to_id'], ['delivery_window.id'], name=op.f('fk_unserved_rolled_to_id_delivery_window')),
    sa.ForeignKeyConstraint(['window_id'], ['delivery_window.id'], name=op.f('fk_unserved_window_id_delivery_window')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unserved')),
    sa.UniqueConstraint('order_id', 'day', name=op.f('uq_unserved_order_id_day'))
    )
    with op.batch_alter_table('unserved', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unserved_day'), ['day'], unique=False)

    op.create_table('withdrawal_match',
    sa.Column('withdrawal_id', sa.Integer(), nullable=False),
    sa.Column('part_id', sa.Integer(), nullable=False),
    sa.Column('line_ids', sa.JSON(), nullable=False),
    sa.Column('refund_due_on', sa.Date(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['part_id'], ['merchant_order.id'], name=op.f('fk_withdrawal_match_part_id_merchant_order')),
    sa.ForeignKeyConstraint(['withdrawal_id'], ['withdrawal.id'], name=op.f('fk_withdrawal_match_withdrawal_id_withdrawal')),
    sa.PrimaryKeyConstraint('withdrawal_id', 'part_id', name=op.f('pk_withdrawal_match'))
    )
    with op.batch_alter_table('withdrawal_match', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_withdrawal_match_part_id'), ['part_id'], unique=False)

    op.create_table('order_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('part_id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=True),
    sa.Column('stock_id', sa.Integer(), nullable=True),
    sa.Column('promised_on', sa.Date(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('variant_name', sa.String(length=80), nullable=False),
    sa.Column('product_code', sa.String(length=8), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.Column('deposit', sa.BigInteger(), nullable=False),
    sa.Column('base_price', sa.String(length=40), nullable=False),
    sa.Column('vat_bp', sa.Integer(), nullable=False),
    sa.Column('withdrawal_class', sa.Enum('standard', 'custom_made', 'perishable', 'sealed_hygiene', 'sealed_media', 'press', 'dated_service', name='withdrawalclass', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('temperature', sa.Enum('ambient', 'chilled', 'frozen', name='temperature', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('min_age', sa.Integer(), nullable=False),
    sa.Column('weight_g', sa.Integer(), nullable=False),
    sa.Column('volume_ml', sa.Integer(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('deviation_agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('substitution', sa.Enum('leave_out', 'call', 'replace', name='substitution', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('missing', sa.Integer(), nullable=False),
    sa.Column('withdrawn', sa.Integer(), nullable=False),
    sa.CheckConstraint('missing >= 0 AND missing <= quantity', name=op.f('ck_order_line_missing_within_quantity')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_order_line_quantity_positive')),
    sa.CheckConstraint('withdrawn >= 0 AND withdrawn <= quantity', name=op.f('ck_order_line_withdrawn_within_quantity')),
    sa.ForeignKeyConstraint(['part_id'], ['merchant_order.id'], name=op.f('fk_order_line_part_id_merchant_order')),
    sa.ForeignKeyConstraint(['stock_id'], ['stock.id'], name=op.f('fk_order_line_stock_id_stock'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_order_line_variant_id_variant'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_line'))
    )
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_line_part_id'), ['part_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_line_variant_id'), ['variant_id'], unique=False)

    op.create_table('parcel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('part_id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('pickup_stop_id', sa.Integer(), nullable=False),
    sa.Column('drop_stop_id', sa.Integer(), nullable=False),
    sa.Column('weight_g', sa.Integer(), nullable=False),
    sa.Column('volume_ml', sa.Integer(), nullable=False),
    sa.Column('cooled_ml', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('planned', 'picked_up', 'short', 'missing', 'shop_closed', 'delivered', 'failed', name='parcelstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['drop_stop_id'], ['stop.id'], name=op.f('fk_parcel_drop_stop_id_stop')),
    sa.ForeignKeyConstraint(['part_id'], ['merchant_order.id'], name=op.f('fk_parcel_part_id_merchant_order')),
    sa.ForeignKeyConstraint(['pickup_stop_id'], ['stop.id'], name=op.f('fk_parcel_pickup_stop_id_stop')),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_parcel_run_id_run')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parcel')),
    sa.UniqueConstraint('part_id', 'run_id', name=op.f('uq_parcel_part_id_run_id'))
    )
    with op.batch_alter_table('parcel', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_parcel_drop_stop_id'), ['drop_stop_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_parcel_part_id'), ['part_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_parcel_pickup_stop_id'), ['pickup_stop_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_parcel_run_id'), ['run_id'], unique=False)

    op.create_table('quota',
    sa.Column('stock_id', sa.Integer(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.CheckConstraint('pieces >= 0', name=op.f('ck_quota_pieces_not_negative')),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_quota_weekday_known')),
    sa.ForeignKeyConstraint(['stock_id'], ['stock.id'], name=op.f('fk_quota_stock_id_stock'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('stock_id', 'weekday', name=op.f('pk_quota'))
    )
    op.create_table('quota_day',
    sa.Column('stock_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.CheckConstraint('taken <= pieces', name=op.f('ck_quota_day_not_oversold')),
    sa.CheckConstraint('taken >= 0', name=op.f('ck_quota_day_taken_not_negative')),
    sa.ForeignKeyConstraint(['stock_id'], ['stock.id'], name=op.f('fk_quota_day_stock_id_stock'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('stock_id', 'day', name=op.f('pk_quota_day'))
    )
    op.create_table('stock_move',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('stock_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Enum('count', 'reserved', 'released', 'sold_in_shop', 'received', name='movereason', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_stock_move_by_user_id_user')),
    sa.ForeignKeyConstraint(['stock_id'], ['stock.id'], name=op.f('fk_stock_move_stock_id_stock')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_move'))
    )
    with op.batch_alter_table('stock_move', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stock_move_reference'), ['reference'], unique=False)
        batch_op.create_index('ix_stock_move_stock', ['stock_id', 'day'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('stock_move', schema=None) as batch_op:
        batch_op.drop_index('ix_stock_move_stock')
        batch_op.drop_index(batch_op.f('ix_stock_move_reference'))

    op.drop_table('stock_move')
    op.drop_table('quota_day')
    op.drop_table('quota')
    with op.batch_alter_table('parcel', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_parcel_run_id'))
        batch_op.drop_index(batch_op.f('ix_parcel_pickup_stop_id'))
        batch_op.drop_index(batch_op.f('ix_parcel_part_id'))
        batch_op.drop_index(batch_op.f('ix_parcel_drop_stop_id'))

    op.drop_table('parcel')
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_line_variant_id'))
        batch_op.drop_index(batch_op.f('ix_order_line_part_id'))

    op.drop_table('order_line')
    with op.batch_alter_table('withdrawal_match', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_withdrawal_match_part_id'))

    op.drop_table('withdrawal_match')
    with op.batch_alter_table('unserved', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_unserved_day'))

    op.drop_table('unserved')
    op.drop_table('transfer')
    with op.batch_alter_table('stop', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stop_shop_id'))

    op.drop_table('stop')
    with op.batch_alter_table('stock', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stock_shop_id'))

    op.drop_table('stock')
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_refund_payment_id'))
        batch_op.drop_index(batch_op.f('ix_refund_part_id'))

    op.drop_table('refund')
    with op.batch_alter_table('price_point', schema=None) as batch_op:
        batch_op.drop_index('ix_price_point_variant')

    op.drop_table('price_point')
    with op.batch_alter_table('part_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_part_event_part_id'))

    op.drop_table('part_event')
    with op.batch_alter_table('opening_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_opening_event_opening_id'))

    op.drop_table('opening_event')
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ledger_entry_target'))
        batch_op.drop_index(batch_op.f('ix_ledger_entry_source'))
        batch_op.drop_index(batch_op.f('ix_ledger_entry_part_id'))
        batch_op.drop_index(batch_op.f('ix_ledger_entry_order_id'))
        batch_op.drop_index(batch_op.f('ix_ledger_entry_at'))

    op.drop_table('ledger_entry')
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invoice_part_id'))

    op.drop_table('invoice')
    with op.batch_alter_table('courier_result', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_courier_result_run_id'))

    op.drop_table('courier_result')
    with op.batch_alter_table('cart_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cart_line_variant_id'))

    op.drop_table('cart_line')
    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_booking_window_id'))

    op.drop_table('booking')
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_variant_product_id'))
        batch_op.drop_index(batch_op.f('ix_variant_gtin'))

    op.drop_table('variant')
    op.drop_table('search_entry')
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_run_day'))
        batch_op.drop_index('ix_run_courier')

    op.drop_table('run')
    op.drop_table('planning')
    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_picture_product_id'))

    op.drop_table('picture')
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_payment_intent'))

    op.drop_table('payment')
    with op.batch_alter_table('opening_hours', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_opening_hours_shop_id'))

    op.drop_table('opening_hours')
    with op.batch_alter_table('opening', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_opening_shop_id'))
        batch_op.drop_index(batch_op.f('ix_opening_merchant_id'))
        batch_op.drop_index('ix_opening_feed')

    op.drop_table('opening')
    with op.batch_alter_table('merchant_order', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_merchant_order_shop_id'))
        batch_op.drop_index(batch_op.f('ix_merchant_order_order_id'))
        batch_op.drop_index('ix_merchant_order_inbox')
        batch_op.drop_index('ix_merchant_order_answer')

    op.drop_table('merchant_order')
    with op.batch_alter_table('hours_exception', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_hours_exception_shop_id'))

    op.drop_table('hours_exception')
    with op.batch_alter_table('delivery_window', schema=None) as batch_op:
        batch_op.drop_index('ix_delivery_window_state')
        batch_op.drop_index(batch_op.f('ix_delivery_window_day'))

    op.drop_table('delivery_window')
    op.drop_table('delivery')
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_order_id'))
        batch_op.drop_index(batch_op.f('ix_call_created_at'))

    op.drop_table('call')
    with op.batch_alter_table('zone_place', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_zone_place_zone_id'))

    op.drop_table('zone_place')
    op.drop_table('window_template')
    op.drop_table('vehicle')
    op.drop_table('user_role')
    with op.batch_alter_table('shop', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shop_name'))
        batch_op.drop_index(batch_op.f('ix_shop_merchant_id'))
        batch_op.drop_index(batch_op.f('ix_shop_active'))

    op.drop_table('shop')
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.drop_index('ix_product_shelf_price')
        batch_op.drop_index('ix_product_shelf')
        batch_op.drop_index('ix_product_newest')
        batch_op.drop_index('ix_product_name')
        batch_op.drop_index('ix_product_merchant')
        batch_op.drop_index('ix_product_cheapest')
        batch_op.drop_index(batch_op.f('ix_product_category_id'))

    op.drop_table('product')
    with op.batch_alter_table('order', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_user_id'))
        batch_op.drop_index(batch_op.f('ix_order_placed_at'))
        batch_op.drop_index('ix_order_holds')
        batch_op.drop_index(batch_op.f('ix_order_email'))

    op.drop_table('order')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_merchant_id'))

    op.drop_table('membership')
    with op.batch_alter_table('invoice_customer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invoice_customer_email'))

    op.drop_table('invoice_customer')
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_consent_user_id'))

    op.drop_table('consent')
    with op.batch_alter_table('cart', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cart_touched_at'))

    op.drop_table('cart')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_user_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_subject'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_merchant_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_at'))

    op.drop_table('audit_entry')
    op.drop_table('zone')
    op.drop_table('withdrawal')
    with op.batch_alter_table('webhook_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_webhook_event_reference'))
        batch_op.drop_index(batch_op.f('ix_webhook_event_received_at'))

    op.drop_table('webhook_event')
    op.drop_table('user')
    op.drop_table('special_open_day')
    op.drop_table('setting')
    with op.batch_alter_table('search_word', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_search_word_stem'))
        batch_op.drop_index(batch_op.f('ix_search_word_folded'))

    op.drop_table('search_word')
    op.drop_table('rate_bucket')
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_message_waiting', postgresql_where=sa.text('done_at IS NULL AND dead_at IS NULL'), sqlite_where=sa.text('done_at IS NULL AND dead_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_outbox_message_dead_at'))

    op.drop_table('outbox_message')
    op.drop_table('number_series')
    with op.batch_alter_table('merchant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_merchant_status'))

    op.drop_table('merchant')
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_queued_at'))

    op.drop_table('mail')
    with op.batch_alter_table('gazetteer_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_gazetteer_entry_key')

    op.drop_table('gazetteer_entry')
    op.drop_table('category')
