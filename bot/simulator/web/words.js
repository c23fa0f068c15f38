/* What the page says, by language. The bot's own sentences come from the product, never from here. */

export const LANGUAGES = { en: "English", ru: "Русский", uk: "Українська", ms: "Bahasa Melayu", "zh-Hant": "繁體中文" };

const WORDS = {
  en: {
    title: "Play a customer", desk: "Open the desk", language: "Language", add: "Add a customer", remove: "Remove",
    block: "Block the brand", unblock: "Unblock", blocked: "You blocked this chat", name: "Name", channel: "Channel",
    speaks: "Language of the phone", cancel: "Cancel", create: "Add", write: "Message", send: "Send", attach: "Add something",
    photo: "Photo", voice: "Voice message", location: "Location", sticker: "Sticker", contact: "Phone number", file: "File",
    edit: "Edit", reply: "Reply", editing: "Editing", replying: "Reply to", edited: "edited", typing: "typing…", bot: "bot",
    online: "usually replies at once", start: "Start", more: "More", offline: "Connection lost. Trying again…",
    empty: "Say something to {brand}", today: "Today", yesterday: "Yesterday", failed: "That did not work: {reason}",
    sent: "sent", delivered: "delivered", read: "read", play: "Play", close: "Close", gone: "Message", nobody: "Nobody is here yet.",
    tooLarge: "Files up to 8 MB, please.", names: ["Anna", "Daniel"],
  },
  ru: {
    title: "Побудьте клиентом", desk: "Открыть рабочее место", language: "Язык", add: "Добавить клиента", remove: "Убрать",
    block: "Заблокировать бренд", unblock: "Разблокировать", blocked: "Вы заблокировали этот чат", name: "Имя", channel: "Канал",
    speaks: "Язык телефона", cancel: "Отмена", create: "Добавить", write: "Сообщение", send: "Отправить", attach: "Прикрепить",
    photo: "Фото", voice: "Голосовое", location: "Геопозиция", sticker: "Стикер", contact: "Номер телефона", file: "Файл",
    edit: "Изменить", reply: "Ответить", editing: "Редактирование", replying: "Ответ на", edited: "изменено", typing: "печатает…", bot: "бот",
    online: "обычно отвечает сразу", start: "Начать", more: "Ещё", offline: "Связь пропала. Подключаемся снова…",
    empty: "Пока нет сообщений", today: "Сегодня", yesterday: "Вчера", failed: "Не получилось: {reason}",
    sent: "отправлено", delivered: "доставлено", read: "прочитано", play: "Слушать", close: "Закрыть", gone: "Сообщение", nobody: "Здесь пока никого нет.",
    tooLarge: "Файлы до 8 МБ, пожалуйста.", names: ["Анна", "Дмитрий"],
  },
  uk: {
    title: "Побудьте клієнтом", desk: "Відкрити робоче місце", language: "Мова", add: "Додати клієнта", remove: "Прибрати",
    block: "Заблокувати бренд", unblock: "Розблокувати", blocked: "Ви заблокували цей чат", name: "Ім’я", channel: "Канал",
    speaks: "Мова телефону", cancel: "Скасувати", create: "Додати", write: "Повідомлення", send: "Надіслати", attach: "Прикріпити",
    photo: "Фото", voice: "Голосове", location: "Геопозиція", sticker: "Стікер", contact: "Номер телефону", file: "Файл",
    edit: "Змінити", reply: "Відповісти", editing: "Редагування", replying: "Відповідь на", edited: "змінено", typing: "друкує…", bot: "бот",
    online: "зазвичай відповідає одразу", start: "Почати", more: "Ще", offline: "Зв’язок зник. З’єднуємося знову…",
    empty: "Поки немає повідомлень", today: "Сьогодні", yesterday: "Учора", failed: "Не вдалося: {reason}",
    sent: "надіслано", delivered: "доставлено", read: "прочитано", play: "Слухати", close: "Закрити", gone: "Повідомлення", nobody: "Тут поки нікого немає.",
    tooLarge: "Файли до 8 МБ, будь ласка.", names: ["Олена", "Андрій"],
  },
  ms: {
    title: "Jadi pelanggan", desk: "Buka meja ejen", language: "Bahasa", add: "Tambah pelanggan", remove: "Buang",
    block: "Sekat jenama", unblock: "Nyahsekat", blocked: "Anda menyekat sembang ini", name: "Nama", channel: "Saluran",
    speaks: "Bahasa telefon", cancel: "Batal", create: "Tambah", write: "Mesej", send: "Hantar", attach: "Tambah sesuatu",
    photo: "Foto", voice: "Mesej suara", location: "Lokasi", sticker: "Pelekat", contact: "Nombor telefon", file: "Fail",
    edit: "Sunting", reply: "Balas", editing: "Menyunting", replying: "Balas kepada", edited: "disunting", typing: "sedang menaip…", bot: "bot",
    online: "biasanya membalas serta-merta", start: "Mula", more: "Lagi", offline: "Sambungan terputus. Mencuba lagi…",
    empty: "Tulis kepada {brand}", today: "Hari ini", yesterday: "Semalam", failed: "Tidak berjaya: {reason}",
    sent: "dihantar", delivered: "diterima", read: "dibaca", play: "Main", close: "Tutup", gone: "Mesej", nobody: "Belum ada sesiapa di sini.",
    tooLarge: "Fail sehingga 8 MB sahaja.", names: ["Aisyah", "Farid"],
  },
  "zh-Hant": {
    title: "扮演顧客", desk: "開啟客服台", language: "語言", add: "新增顧客", remove: "移除",
    block: "封鎖品牌", unblock: "解除封鎖", blocked: "你已封鎖這個對話", name: "姓名", channel: "管道",
    speaks: "手機語言", cancel: "取消", create: "新增", write: "訊息", send: "傳送", attach: "加入內容",
    photo: "相片", voice: "語音訊息", location: "位置", sticker: "貼圖", contact: "電話號碼", file: "檔案",
    edit: "編輯", reply: "回覆", editing: "編輯中", replying: "回覆", edited: "已編輯", typing: "正在輸入…", bot: "機器人",
    online: "通常會立即回覆", start: "開始", more: "更多", offline: "連線中斷，正在重新連線…",
    empty: "跟 {brand} 說句話", today: "今天", yesterday: "昨天", failed: "無法完成：{reason}",
    sent: "已傳送", delivered: "已送達", read: "已讀", play: "播放", close: "關閉", gone: "訊息", nobody: "這裡還沒有人。",
    tooLarge: "檔案請勿超過 8 MB。", names: ["美玲", "志明"],
  },
};

const KEPT = "replydesk-simulator-language";

function preferred() {
  const kept = localStorage.getItem(KEPT);
  if (kept in LANGUAGES) return kept;
  for (const wanted of navigator.languages ?? []) {
    if (wanted.toLowerCase().startsWith("zh")) return "zh-Hant";
    const short = wanted.slice(0, 2).toLowerCase();
    if (short in LANGUAGES) return short;
  }
  return "en";
}

let current = preferred();

export const language = () => current;

export function chooseLanguage(code) {
  current = code in LANGUAGES ? code : "en";
  localStorage.setItem(KEPT, current);
}

export function say(key, values = {}) {
  const sentence = WORDS[current][key] ?? WORDS.en[key];
  return typeof sentence === "string" ? sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : sentence;
}

export const clockTime = (moment) =>
  new Intl.DateTimeFormat(current, { hour: "2-digit", minute: "2-digit", hour12: false }).format(moment);

export function dayName(moment) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(moment).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return say("today");
  if (days === 1) return say("yesterday");
  return new Intl.DateTimeFormat(current, { day: "numeric", month: "long" }).format(moment);
}
